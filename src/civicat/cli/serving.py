"""Commands for the site: index, serve; and what the contract names and this version does not have."""

from __future__ import annotations

from pathlib import Path

import click

from civicat.cli.terminal import DONE, Terminal, cli, lang_option, not_there_yet, store_option
from civicat.text import Text


@cli.command()
@click.option("--anew", is_flag=True, help="Take nothing from the index before, which is no older then. 全部重新索引。")
@store_option
@lang_option
@click.pass_obj
def index(terminal: Terminal, store: Path | None, *, anew: bool) -> int:
    """Rebuild the index from the releases. 由各版本重建索引。"""
    from civicat import pipeline

    build = pipeline.index(terminal.layout(store), anew=anew)
    terminal.say(Text(f"索引已就绪：{build}", f"The index is ready: {build}"))
    return DONE


@cli.command()
@click.option("--host", help="The address to listen on (default: 127.0.0.1).")
@click.option("--port", type=click.IntRange(1, 65535), help="The port (default: 8001).")
@click.option("--workers", type=click.IntRange(min=1), default=1, show_default=True)
@store_option
@lang_option
@click.pass_obj
def serve(terminal: Terminal, host: str | None, port: int | None, workers: int, store: Path | None) -> int:
    """Serve the catalogue. 启动目录网站。"""
    from civicat import pipeline
    from civicat.catalog.serve import serve as serve_site
    from civicat.cli.making import makers

    layout = terminal.layout(store)
    pipeline.index(layout)
    host, port = host or terminal.settings.host, port or terminal.settings.port
    address = f"http://{host}:{port}"
    told = Text(f"请打开 {address}（按 Ctrl+C 停止）", f"Open {address} (Ctrl+C stops it)")
    serve_site(layout, host, port, workers, lambda: terminal.say(told), makers)
    return DONE


def _planned(name: str, words: str) -> None:
    """A command of the contract that this version does not have: it takes anything, says so and exits with 2."""

    @cli.command(name, help=words, context_settings={"ignore_unknown_options": True})
    @click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
    def planned(arguments: tuple[str, ...]) -> int:  # noqa: ARG001 - whatever is typed, the answer is the same
        raise not_there_yet(name)


_planned("harvest", "(not there yet) Take over datasets of another portal. 采集其他门户（尚不提供）。")
_planned("push", "(not there yet) Send datasets to another portal. 推送到其他门户（尚不提供）。")

"""Commands for releases: publish, versions, retract, verify, new-key."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from civicat.cli.terminal import (
    DONE,
    INVALID,
    NOT_DONE,
    STATUS,
    Terminal,
    cli,
    lang_option,
    not_there_yet,
    progress,
    release_of,
    store_option,
    unpublished,
)
from civicat.release import Release, Tombstone, Version
from civicat.text import Text

if TYPE_CHECKING:
    from civicat.pipeline import Result
    from civicat.publish import Damaged, Verified

_KEY_DIGITS = 16  # of a key's id, in a line for people
_HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]")


@cli.command()
@click.argument("names", nargs=-1, metavar="[DEPARTMENT/DATASET ...]")
@click.option("--engine", type=click.Choice(["local", "spark"]), default="local", show_default=True)
@click.option("--again", is_flag=True, help="Publish also what was taken down before.")
@store_option
@lang_option
@click.pass_obj
def publish(
    terminal: Terminal,
    names: tuple[str, ...],
    engine: str,
    again: bool,  # noqa: FBT001 (click passes each option by name)
    store: Path | None,
) -> int:
    """Check and publish datasets, then index them. 检查并发布数据集，并更新索引。"""
    from rich.console import Console

    from civicat import pipeline

    if engine != "local":
        raise not_there_yet(f"publish --engine {engine}")
    layout, signer = terminal.layout(store), terminal.signer()
    status, count = DONE, 0
    busy = Text("正在检查 {}", "Checking {}").within(terminal.language)
    published: list[str] = []
    with Console(stderr=True).status("") as spinner:
        for result in pipeline.publish_all(
            terminal.settings.datasets,
            names,
            layout,
            lambda name: spinner.update(busy.format(name)),
            signer=signer,
            again=again,
        ):
            spinner.stop()
            published += [result.dataset] if isinstance(result, pipeline.Published) and result.new else []
            status, count = max(status, _tell(terminal, result)), count + 1
            spinner.start()
        pipeline.index(layout, published)
    if not count:
        folder = terminal.settings.datasets
        terminal.warn(Text(f"{folder} 中没有数据集。", f"There is no dataset in {folder}."))
    return status


def _tell(terminal: Terminal, result: Result) -> int:
    """Says how one dataset went, and answers the exit status that it asks for."""
    from civicat import pipeline, validators

    match result:
        case pipeline.Published(dataset, release, new=is_new, report=report):
            if report is not None and report.all_findings():  # warnings: they do not keep it from being published
                terminal.lines(validators.render(report, terminal.language)[:-1])
            verb = Text("已发布", "Published") if is_new else Text("未变化", "Unchanged")
            terminal.say(
                Text(
                    f"{verb.zh}  {dataset} {release.version}，{release.rows:,} 行",
                    f"{verb.en:<9}  {dataset} {release.version}, {_rows(release.rows)}",
                )
            )
            return DONE
        case pipeline.LeftOut(dataset, missing, online):
            terminal.warn(
                Text(
                    f"暂缺    {dataset}：尚无 {missing}。联网后运行 make samples。{_stays(online).zh}",
                    f"Left out   {dataset}: no {missing} yet. With a network, run: make samples. {_stays(online).en}",
                )
            )
            return DONE
        case pipeline.TakenDown(dataset, tombstone, online):
            version, day, reason = tombstone.version, tombstone.retracted[:10], tombstone.reason
            terminal.warn(
                Text(
                    f"未发布  {dataset}：同样的数据（版本 {version}）已于 {day} 撤回：{reason.within('zh')} "
                    f"确要重新发布，请加 --again。{_stays(online).zh}",
                    f"Left down  {dataset}: the same data, version {version}, was taken down on {day}: "
                    f"{reason.within('en')} To publish it all the same, add --again. {_stays(online).en}".rstrip(),
                )
            )
            return DONE
        case pipeline.Refused(dataset, report, online):
            terminal.lines(validators.render(report, terminal.language))
            terminal.say(
                Text(
                    f"未发布  {dataset}。{_stays(online).zh}",
                    f"Refused    {dataset}. Nothing was published. {_stays(online).en}",
                )
            )
            return STATUS[report.outcome]
        case pipeline.Stopped(_, error):
            terminal.warn(error.message)
            return NOT_DONE


def _stays(online: object) -> Text:
    version = getattr(online, "version", None)
    if version is None:
        return Text()
    return Text(f"版本 {version} 继续在线。", f"Version {version} stays online.")


@cli.command()
@click.argument("dataset", metavar="DEPARTMENT/DATASET")
@store_option
@lang_option
@click.pass_obj
def versions(terminal: Terminal, dataset: str, store: Path | None) -> int:
    """List the versions of a dataset. 列出数据集的各个版本。"""
    from civicat.publish.manifest import checked

    layout = terminal.layout(store)
    numbers = layout.numbers(dataset)
    if not numbers:
        raise unpublished(dataset, layout)
    for number in numbers:
        tombstone = layout.tombstone(dataset, number)
        release = None if tombstone else layout.release(dataset, number)
        if tombstone is not None:
            terminal.say(_of_tombstone(tombstone))
        elif release is not None:
            checked(release.folder)
            terminal.say(_of_release(release))
    return DONE


def _of_release(release: Release) -> Text:
    start, rows = f"{release.version}  {release.released}", f"{release.rows:,}"
    return Text(f"{start}  {rows} 行  {release.change.zh}", f"{start}  {_rows(release.rows)}  {release.change.en}")


def _rows(count: int) -> str:
    return f"{count:,} row" if count == 1 else f"{count:,} rows"


def _of_tombstone(tombstone: Tombstone) -> Text:
    start, day, (zh, en) = f"{tombstone.version}  {tombstone.released}", tombstone.retracted[:10], _both(tombstone)
    return Text(f"{start}  已于 {day} 撤回：{zh}", f"{start}  taken down on {day}: {en}")


def _both(tombstone: Tombstone) -> tuple[str, str]:
    return tombstone.reason.within("zh"), tombstone.reason.within("en")


@cli.command()
@click.argument("dataset", metavar="DEPARTMENT/DATASET")
@click.argument("version")
@click.option("--reason", multiple=True, help="Why: once in Chinese and once in English.")
@click.option("--authority", multiple=True, help="Who decided it, or under which rule; in both languages too.")
@click.option("--with-later", is_flag=True, help="Later releases too that were made of it and hold its rows.")
@store_option
@lang_option
@click.pass_obj
def retract(
    terminal: Terminal,
    dataset: str,
    version: str,
    reason: tuple[str, ...],
    authority: tuple[str, ...],
    with_later: bool,  # noqa: FBT001 (click passes each option by name)
    store: Path | None,
) -> int:
    """Take a release down for good; its record stays. 撤回版本，保留记录。"""
    from civicat import pipeline

    layout = terminal.layout(store, there=True)
    number = Version.parse(version)
    if number is None or number not in layout.numbers(dataset):
        number = release_of(layout, dataset, version).version  # `latest`; else it says that there is none
    words = (_in_both(reason), _in_both(authority))
    tombstone = pipeline.retract(layout, dataset, number, *words, terminal.signer(), with_later=with_later)
    newest = layout.versions(dataset)
    zh, en = (f"最新版本现为 {newest[-1]}。", f"The latest is {newest[-1]} now.") if newest else ("", "")
    terminal.say(
        Text(
            f"已撤回  {dataset} {tombstone.version}：各种格式均已移除，记录与理由保留。{zh}",
            f"Taken down  {dataset} {tombstone.version}, in every format. Its record and reason stay. {en}".rstrip(),
        )
    )
    return DONE


def _in_both(words: tuple[str, ...]) -> Text:
    """Words in one or two languages, told apart by their script."""
    zh = next((one.strip() for one in words if _HAN.search(one)), "")
    return Text(zh, next((one.strip() for one in words if not _HAN.search(one)), ""))


@cli.command()
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option("--manifest", type=click.Path(path_type=Path), help="The manifest that a single file is checked against.")
@click.option(
    "--key",
    type=click.Path(path_type=Path),
    multiple=True,
    help="The public key (PEM) that must have signed everything; of several, one of them.",
)
@store_option
@lang_option
@click.pass_obj
def verify(
    terminal: Terminal, file: Path | None, manifest: Path | None, key: tuple[Path, ...], store: Path | None
) -> int:
    """Hash every release again, or one file. 重新校验所有版本，或单个文件。"""
    from civicat import publish as publishing

    if file is not None:
        there = store is not None or manifest is None
        layout = terminal.layout(store, there=store is not None) if there else None
        return _told_of(terminal, publishing.verify_file(file, layout, manifest, key))
    layout = terminal.layout(store, there=True)
    status, size, copied = DONE, publishing.verify_size(layout), 0
    keys: Counter[str] = Counter()
    words = Text("正在校验", "Verifying")
    with progress(terminal, words, size) as advance:
        for checked in publishing.verify(layout, key=key, progress=advance):
            if isinstance(checked, publishing.Damaged):
                status = INVALID
                terminal.say(checked.message)
                continue
            keys[checked.key] += 1
            copied += checked.is_writable
            if (older := checked.left_out) is not None:
                terminal.say(
                    Text(
                        f"{checked.dataset}：版本 {older} 及更早的未收入此打包。",
                        f"{checked.dataset}: version {older} and those before were left out of this dump.",
                    )
                )
    if copied:
        terminal.say(
            Text(
                f"{copied} 个版本的文件可以写入（发布时只读）。请运行 chmod -R a-w {layout.releases}/*/*/*",
                f"The files of {copied} {'release' if copied == 1 else 'releases'} can be written; as published they "
                f"cannot. Run chmod -R a-w {layout.releases}/*/*/*",
            )
        )
    if status == DONE:
        terminal.say(_all_whole(keys))
    return status


def _all_whole(keys: Counter[str]) -> Text:
    """How many releases are as they were published, and how many of them each key signed; a blank key is none."""
    count, unsigned = keys.total(), keys[""]
    releases = f"{count} release" if count == 1 else f"{count} releases"
    names = [f"{key[:_KEY_DIGITS]}…" for key in sorted(keys) if key]
    if not names:
        signed = Text("均未签名", "none is signed")
    else:
        zh, en = "、".join(names), f"{'key' if len(names) == 1 else 'keys'} {', '.join(names)}"
        number, rest = count - unsigned, f", {unsigned} {'is' if unsigned == 1 else 'are'} not" if unsigned else ""
        signed = Text(
            f"{number} 个有签名（密钥 {zh}）" + (f"，{unsigned} 个没有" if unsigned else ""),
            f"{number} {'is' if number == 1 else 'are'} signed ({en}){rest}",
        )
    return Text(f"{count} 个版本，全部完好；{signed.zh}。", f"{releases}, each as it was published; {signed.en}.")


def _told_of(terminal: Terminal, checked: Verified | Damaged) -> int:
    terminal.say(checked.message)
    return INVALID if type(checked).__name__ == "Damaged" else DONE


@cli.command("new-key")
@click.argument("file", type=click.Path(path_type=Path))
@lang_option
@click.pass_obj
def new_key(terminal: Terminal, file: Path) -> int:
    """Make a key to sign releases with. 生成签名密钥。"""
    from civicat.publish.signing import new_key as make_key

    signer = make_key(file)
    terminal.say(
        Text(
            f"已写入私钥 {file}，请勿外传。设置 CIVICAT_SIGNING_KEY_FILE={file}，发布时即签名。"
            f"公钥编号：{signer.key_id}",
            f"Wrote the private key {file}: keep it to yourself. Set CIVICAT_SIGNING_KEY_FILE={file} and what is "
            f"published is signed. Its public key is {signer.key_id}",
        )
    )
    terminal.lines([signer.public_pem.rstrip("\n")])
    return DONE

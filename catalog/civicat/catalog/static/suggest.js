/* suggest.js: suggestions while typing in a search box. An enhancement: without it the form works as it is.
   An editable combobox with a list (ARIA 1.2): the focus stays in the box; up and down choose, Enter goes, Escape
   closes. Keys that an input method is using (Chinese, Japanese) are left alone. */
(() => {
  "use strict";
  const script = document.currentScript;
  const WAIT = 150; // milliseconds without a key before anything is asked
  const ADDRESS = "/search/suggestions?q=";

  /** The list's look stands in search.css, which not every page with a search box has. */
  function link(address) {
    if (!address || [...document.styleSheets].some((one) => one.href === new URL(address, location.href).href)) return;
    const sheet = document.createElement("link");
    sheet.rel = "stylesheet";
    sheet.href = address;
    document.head.append(sheet);
  }

  function enhance(form, number) {
    const box = form.querySelector("input[name=q]");
    if (!box || box.getAttribute("role") === "combobox") return;
    const list = document.createElement("ul");
    list.id = `suggestions-${number}`;
    list.className = "suggestions";
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", script?.dataset.label || "Suggestions");
    list.hidden = true;
    form.append(list);
    for (const [name, value] of [["role", "combobox"], ["aria-autocomplete", "list"], ["aria-expanded", "false"],
      ["aria-controls", list.id], ["autocomplete", "off"]]) box.setAttribute(name, value);

    let found = []; // [word, address] of each option
    let chosen = -1; // of them; -1 is what was typed
    let typed = "";
    let waiting = 0;
    let asking = null;

    function close() {
      clearTimeout(waiting);
      asking?.abort();
      list.hidden = true;
      chosen = -1;
      box.setAttribute("aria-expanded", "false");
      box.removeAttribute("aria-activedescendant");
    }

    /** A text with the letters that were typed marked, wherever they stand first. */
    function marked(text) {
      const said = document.createElement("span");
      const letters = typed.trim();
      const at = letters ? text.toLowerCase().indexOf(letters.toLowerCase()) : -1;
      if (at < 0) said.textContent = text;
      else {
        const mark = document.createElement("mark");
        mark.textContent = text.slice(at, at + letters.length);
        said.append(text.slice(0, at), mark, text.slice(at + letters.length));
      }
      return said;
    }

    /** What a column is called in the data: its title alone may not show what was typed. */
    function code(address) {
      const q = new URL(address, location.href).searchParams.get("q") ?? "";
      return q.startsWith("column:") ? q.slice("column:".length) : "";
    }

    function option(word, kind, address, at) {
      const one = document.createElement("li");
      one.id = `${list.id}-${at}`;
      one.setAttribute("role", "option");
      one.setAttribute("aria-selected", "false");
      const said = marked(word);
      const what = document.createElement("span");
      const name = code(address);
      if (name && kind.endsWith(name)) what.append(kind.slice(0, -name.length), marked(name));
      else what.textContent = kind;
      what.className = "kind";
      one.append(said, " ", what);
      return one;
    }

    function show([, words, kinds, addresses]) {
      found = words.map((word, at) => [word, addresses[at]]);
      list.replaceChildren(...words.map((word, at) => option(word, kinds[at] || "", addresses[at], at)));
      chosen = -1;
      box.removeAttribute("aria-activedescendant");
      list.hidden = !found.length;
      box.setAttribute("aria-expanded", String(!list.hidden));
    }

    async function ask() {
      asking?.abort();
      asking = new AbortController();
      typed = box.value;
      if (!typed.trim()) return close();
      try {
        const answer = await fetch(ADDRESS + encodeURIComponent(typed), { signal: asking.signal });
        if (answer.ok && box.value === typed && document.activeElement === box) show(await answer.json());
      } catch (error) {
        if (error.name !== "AbortError") close(); // no network: the form works all the same
      }
    }

    function choose(at) {
      chosen = at;
      [...list.children].forEach((one, place) => one.setAttribute("aria-selected", String(place === at)));
      if (at < 0) box.removeAttribute("aria-activedescendant");
      else {
        box.setAttribute("aria-activedescendant", list.children[at].id);
        list.children[at].scrollIntoView({ block: "nearest", behavior: "instant" });
      }
      box.value = at < 0 ? typed : found[at][0];
    }

    /** To the thing itself where it is one, else the form with these words, and its filters. */
    function go(at) {
      const there = new URL(found[at][1], location.href);
      close();
      if (there.pathname !== "/search") return location.assign(there.pathname + there.search);
      box.value = there.searchParams.get("q") ?? found[at][0];
      form.requestSubmit();
    }

    box.addEventListener("focus", () => link(script?.dataset.look), { once: true });
    box.addEventListener("input", (event) => {
      clearTimeout(waiting);
      if (!event.isComposing) waiting = setTimeout(ask, WAIT);
    });
    box.addEventListener("compositionend", () => {
      clearTimeout(waiting);
      waiting = setTimeout(ask, WAIT);
    });
    box.addEventListener("keydown", (event) => {
      if (event.isComposing || event.keyCode === 229) return; // 229: the input method has the key
      const open = !list.hidden;
      if (event.key === "Escape" && open) {
        event.preventDefault(); // a search box would be emptied
        if (chosen >= 0) box.value = typed;
        close();
      } else if (event.key === "Enter" && open && chosen >= 0) {
        event.preventDefault();
        go(chosen);
      } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        if (!open) {
          if (event.key === "ArrowDown" && box.value.trim()) ask();
          return;
        }
        event.preventDefault();
        const all = found.length + 1; // what was typed is one of the places
        choose((chosen + 1 + (event.key === "ArrowDown" ? 1 : all - 1)) % all - 1);
      }
    });
    box.addEventListener("blur", close);
    list.addEventListener("mousedown", (event) => event.preventDefault()); // the focus stays in the box
    list.addEventListener("click", (event) => {
      const one = event.target.closest("[role=option]");
      if (one) go([...list.children].indexOf(one));
    });
    form.addEventListener("submit", close);
  }

  document.querySelectorAll("form[role=search]").forEach(enhance);
})();

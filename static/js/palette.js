// The dialog that Ctrl K, ⌘ K and the key of the search open over any page: a combobox over what the search page finds.
// Without it the link of the rail leads to that page; this decides nothing and knows nothing but what the server answers.
(function () {
  "use strict";

  var dialog = document.getElementById("palette");
  if (!dialog || !dialog.showModal) return;
  var input = dialog.querySelector("input"), list = dialog.querySelector("[role=listbox]"), said = dialog.querySelector("[role=status]");
  var current = -1, asking = null, timer = null, loaded = null;

  function options() { return Array.from(list.querySelectorAll("[role=option]")); }

  function choose(number) {
    var all = options();
    all.forEach(function (one) { one.setAttribute("aria-selected", "false"); });
    current = all.length ? (number + all.length) % all.length : -1;
    if (current < 0) { input.removeAttribute("aria-activedescendant"); return; }
    all[current].setAttribute("aria-selected", "true");
    all[current].scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", all[current].id);
  }

  function show(markup, words) {
    list.replaceChildren.apply(list, new DOMParser().parseFromString(markup, "text/html").body.childNodes);
    options().forEach(function (one, number) { one.id = "palette-" + number; });
    var count = options().length;
    input.setAttribute("aria-expanded", count ? "true" : "false");
    said.textContent = words || (count ? dialog.dataset.found.replace("{count}", count) : dialog.dataset.none);
    choose(0);
  }

  function ask(then) {
    if (asking) asking.abort();
    var mine = asking = new AbortController(), typed = input.value;
    fetch(dialog.dataset.url + "?part=1&q=" + encodeURIComponent(typed), { credentials: "same-origin", signal: mine.signal })
      .then(function (answer) {
        if (!answer.ok || answer.redirected) throw new Error();
        return answer.text();
      })
      .then(function (markup) {
        if (mine !== asking) return;
        loaded = typed;
        show(markup, "");
        if (then) then();
      })
      .catch(function (error) { if (error.name !== "AbortError" && mine === asking) show("", dialog.dataset.lost); });
  }

  function open() {
    if (dialog.open || document.querySelector("dialog[open]")) return;
    input.value = "";
    loaded = null;
    show("", " ");
    dialog.showModal();
    input.focus();
    ask();
  }

  document.addEventListener("keydown", function (event) {
    if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k") {
      event.preventDefault();
      if (dialog.open) dialog.close(); else open();
    }
  });

  // The link of the rail, also by its key: over the page instead of away from it. A new tab stays a new tab.
  document.addEventListener("click", function (event) {
    if (event.target === dialog || event.target.closest("[data-do=close-palette]")) dialog.close();
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button || !event.target.closest("a[data-palette]")) return;
    event.preventDefault();
    open();
  });

  input.addEventListener("input", function (event) {
    if (event.isComposing) return;
    clearTimeout(timer);
    timer = setTimeout(ask, 120);
  });
  input.addEventListener("compositionend", function () { ask(); });

  function follow() {
    var one = options()[current];
    if (one) one.click(); else dialog.querySelector("form").submit();
  }

  input.addEventListener("keydown", function (event) {
    if (event.isComposing) return;
    if (event.key === "ArrowDown") choose(current + 1);
    else if (event.key === "ArrowUp") choose(current - 1);
    else if (event.key === "Enter") {
      clearTimeout(timer);
      if (loaded === input.value) follow(); else ask(follow);  // never what was found for other words
    } else return;
    event.preventDefault();
  });
})();

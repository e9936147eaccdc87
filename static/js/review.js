// The keyboard of the review: j k move, e opens beside, a agrees, digits give points, ? helps. The page works without it.
(function () {
  "use strict";

  var pane = document.getElementById("pane");
  var help = document.getElementById("keys");
  var current = null;

  document.querySelectorAll(".keys-hint").forEach(function (hint) { hint.hidden = false; });

  function rows() {
    return Array.prototype.filter.call(document.querySelectorAll("[data-review-row]"), function (row) {
      return row.offsetParent !== null;
    });
  }

  function select(row) {
    if (!row) return;
    var before = document.querySelector("[data-review-row].is-current");
    if (before) before.classList.remove("is-current");
    row.classList.add("is-current");
    current = row.id;
    row.focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
  }

  function selected() { return current ? document.getElementById(current) : null; }

  function move(step) {
    var all = rows();
    if (!all.length) return;
    var at = all.indexOf(selected());
    go(all[at < 0 ? (step > 0 ? 0 : all.length - 1) : Math.max(0, Math.min(all.length - 1, at + step))]);
  }

  // What is open beside the list follows the row: points are never given with another item's evidence in view.
  function go(row) {
    var open = pane && pane.querySelector("[data-close-pane]");
    select(row);
    if (row && open) openPane(row);
  }

  function nextOpen() {
    var all = rows();
    var at = all.indexOf(selected());
    var rest = all.slice(at + 1).concat(all.slice(0, at + 1));
    go(rest.filter(function (row) { return row.classList.contains("rv-open"); })[0]);
  }

  function say(form, words) {
    var place = form.querySelector(".rv-say");
    if (place) place.textContent = words;
  }

  function openForm(row) {
    var change = row.querySelector(".rv-change");
    if (change) change.open = true;
    return row.querySelector(".rv-form");
  }

  function points(row, digit) {
    var form = openForm(row);
    if (!form) return;
    if (Number(digit) > Number(row.dataset.max)) { say(form, row.dataset.tooHigh); return; }
    say(form, "");
    form.elements.points.value = digit;
    form.elements.reason.focus();
  }

  function half(row, step) {
    var form = openForm(row);
    if (!form) return;
    var field = form.elements.points;
    var next = (Number(field.value) || 0) + step;
    if (next > Number(row.dataset.max)) { say(form, row.dataset.tooHigh); return; }
    say(form, "");
    field.value = String(Math.max(Number(row.dataset.min), next));
  }

  function agree(row) {
    var form = openForm(row);
    var button = form && form.querySelector("button[name=agree]");
    if (button) form.requestSubmit(button);
  }

  function openPane(row) {
    var link = row.querySelector("[data-open-pane]");
    if (link) link.click();
  }

  function closePane() {
    var close = pane && pane.querySelector("[data-close-pane]");
    if (!close) return false;
    pane.replaceChildren();
    mark("");
    var row = selected();
    if (row) row.focus({ preventScroll: true });
    return true;
  }

  // The row whose pane is open is marked, and the address names it, so that a reload opens the same.
  function mark(id) {
    document.querySelectorAll(".rv-chosen").forEach(function (row) { row.classList.remove("rv-chosen"); });
    var row = id && document.getElementById(id);
    if (row) row.classList.add("rv-chosen");
    var url = new URL(location.href);
    if (id) url.searchParams.set("indicator", id); else url.searchParams.delete("indicator");
    url.hash = "";
    history.replaceState(null, "", url);
  }

  document.addEventListener("click", function (event) {
    var link = event.target.closest("[data-open-pane]");
    if (link) {
      var row = link.closest("[data-review-row]");
      select(row);
      mark(row.id);
      return;
    }
    if (event.target.closest("[data-close-pane]")) {
      event.preventDefault();
      closePane();
      return;
    }
    var inside = event.target.closest("[data-review-row]");
    if (inside) {
      document.querySelectorAll(".is-current").forEach(function (other) { other.classList.remove("is-current"); });
      inside.classList.add("is-current");
      current = inside.id;
    }
  });

  document.addEventListener("keydown", function (event) {
    var typing = event.target.closest("input, textarea, select, [contenteditable]");
    if (event.key === "Escape") {
      if (typing) { typing.blur(); if (selected()) selected().focus({ preventScroll: true }); } else if (!(help && help.open)) closePane();
      return;
    }
    if (typing && event.key === "Enter" && (event.ctrlKey || event.metaKey) && typing.closest(".rv-form")) {
      typing.closest(".rv-form").requestSubmit();
      event.preventDefault();
      return;
    }
    if (typing || event.ctrlKey || event.metaKey || event.altKey || (help && help.open)) return;
    var row = selected();
    if (event.key === "j") move(1);
    else if (event.key === "k") move(-1);
    else if (event.key === "n") nextOpen();
    else if (event.key === "?" && help) help.showModal();
    else if (row && event.key === "e") openPane(row);
    else if (row && event.key === "a") agree(row);
    else if (row && (event.key === "+" || event.key === "=")) half(row, 0.5);
    else if (row && event.key === "-") half(row, -0.5);
    else if (row && /^[0-9]$/.test(event.key)) points(row, event.key);
    else return;
    event.preventDefault();
  });

  // Column heads stay under the score, however many lines it takes.
  function place() {
    var bar = document.getElementById("score-bar");
    if (bar) document.documentElement.style.setProperty("--score-bar", bar.offsetHeight + "px");
  }
  place();
  window.addEventListener("resize", place);
  document.addEventListener("htmx:afterSettle", place);

  // A row that was saved comes back as a new one: it stays current, and what is still to be read stays open.
  document.addEventListener("htmx:afterSwap", function (event) {
    if (event.detail.target === pane) { pane.scrollTop = 0; return; }
    var row = selected();
    if (row && row.matches("[data-review-row]")) {
      row.classList.add("is-current");
      if (!row.querySelector(".rv-problem")) row.focus({ preventScroll: true });
    }
  });

  // A remark with its own page state: where the page was opened with a row, that row is current.
  var start = new URL(location.href).searchParams.get("indicator") || location.hash.slice(1);
  if (start && document.getElementById(start) && document.getElementById(start).matches("[data-review-row]")) {
    current = start;
    document.getElementById(start).classList.add("is-current");
  }
})();

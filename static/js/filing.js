// Saving as one types. Every page works without it: then the buttons save. Nothing here computes or decides anything.
(function () {
  "use strict";

  var WAIT = 900; // milliseconds of rest after a key before a save
  var AGAIN = 5000; // milliseconds before a save is tried again
  var PATIENCE = 4000; // milliseconds that a link waits for what is still to be saved

  // ---- Folding: closed on narrow screens, open on wide ones -------------------------------------------------------
  var wide = window.matchMedia("(min-width: 1200px)");
  var medium = window.matchMedia("(min-width: 768px)");
  function fold() {
    var score = document.getElementById("score-fold");
    var nav = document.querySelector(".filing-nav-fold");
    if (score) score.open = wide.matches;
    if (nav) nav.open = medium.matches;
  }
  fold();
  wide.addEventListener("change", fold);
  medium.addEventListener("change", fold);
  document.addEventListener("click", function (event) {
    var summary = event.target.closest("#score-fold > summary, .filing-nav-fold > summary");
    if (!summary) return;
    var pinned = summary.parentNode.id === "score-fold" ? wide.matches : medium.matches;
    if (pinned) event.preventDefault();
  });

  // ---- What changed in the score is marked for a moment ------------------------------------------------------------
  function marks() {
    var found = {};
    document.querySelectorAll("[data-mark]").forEach(function (node) { found[node.dataset.mark] = node.textContent; });
    return found;
  }
  var before = null;
  document.addEventListener("htmx:beforeSwap", function (event) {
    if (event.target.id === "score") before = marks();
  });
  document.addEventListener("htmx:afterSettle", function (event) {
    if (event.target.id !== "score" || !before) return;
    document.querySelectorAll("[data-mark]").forEach(function (node) {
      if (before[node.dataset.mark] !== node.textContent) node.classList.add("changed");
    });
    before = null;
  });

  // ---- The draft ---------------------------------------------------------------------------------------------------
  var form = document.querySelector("form[data-draft]");
  if (!form) return;
  var state = document.getElementById("saved");
  var compare = document.getElementById("compare");
  var token = form.querySelector("[name=csrfmiddlewaretoken]").value;
  var revision = form.querySelector("[name=revision]");
  // The revision stays that of the opened page; what this page has saved itself is known field by field, so that it is no
  // conflict and a change of somebody else, or of another window, is one.
  var ownField = form.querySelector("[name=own]");
  var own = {};
  var stopped = false;
  var running = false;
  var timer = null;
  var leaving = false;
  var bound = ""; // the address that waits until everything is saved
  var known = {}; // field → what the server has
  var wrong = {}; // field → the text that the server did not take
  var lastSaved = "";
  var figures = {}; // field → the figure as the server has it, with separators
  var away = false; // signed out, and not yet back
  var first = state ? state.textContent : "";

  function fields() { return Array.prototype.slice.call(form.querySelectorAll("[data-field]")); }

  function value(name) {
    var nodes = form.querySelectorAll('[data-field][name="' + CSS.escape(name) + '"]');
    var first = nodes[0];
    if (first.type === "checkbox" || first.type === "radio") {
      var ticked = Array.prototype.filter.call(nodes, function (node) { return node.checked; });
      return ticked.map(function (node) { return node.value; }).join(";");
    }
    return first.value;
  }

  // What the page came with. A field may hold something else before this script runs: a person types while it is still
  // loading, and browsers put back what stood in a field when one goes back to a page.
  function served(name) {
    var nodes = form.querySelectorAll('[data-field][name="' + CSS.escape(name) + '"]');
    var first = nodes[0];
    if (first.type === "checkbox" || first.type === "radio") {
      var ticked = Array.prototype.filter.call(nodes, function (node) { return node.defaultChecked; });
      return ticked.map(function (node) { return node.value; }).join(";");
    }
    return first.defaultValue;
  }

  function put(name, text) {
    var nodes = form.querySelectorAll('[data-field][name="' + CSS.escape(name) + '"]');
    if (!nodes.length) return;
    if (nodes[0].type === "checkbox" || nodes[0].type === "radio") {
      var chosen = text.split(";");
      nodes.forEach(function (node) { node.checked = chosen.indexOf(node.value) >= 0; });
    } else {
      nodes[0].value = text;
    }
  }

  function names() {
    var seen = {};
    fields().forEach(function (node) { seen[node.name] = true; });
    return Object.keys(seen);
  }

  function dirty() { return names().filter(function (name) { return value(name) !== known[name]; }); }

  // What the server has yet to be told: changed, and not already refused as it stands.
  function unsent() { return dirty().filter(function (name) { return wrong[name] !== value(name); }); }

  function mark() { form.toggleAttribute("data-unsaved", running || unsent().length > 0); }

  // One slot says how things stand; the notice of the frame would say the same a second time, over the buttons.
  var notice = document.getElementById("connection");
  if (notice) notice.remove();

  function showState(word, kind, time) {
    var text = form.dataset["word" + word] || "";
    state.textContent = time ? text.replace("%(time)s", time) : text;
    state.className = "saved" + (kind ? " saved-" + kind : "");
  }

  // Typed text that is not saved yet stays on this computer until it is.
  function keep() {
    try {
      var open = {};
      dirty().forEach(function (name) { open[name] = value(name); });
      if (Object.keys(open).length) localStorage.setItem(form.dataset.keep + location.pathname, JSON.stringify(open));
      else localStorage.removeItem(form.dataset.keep + location.pathname);
    } catch (error) { /* a browser that keeps nothing loses nothing that is on the page */ }
  }

  function restore() {
    try {
      var open = JSON.parse(localStorage.getItem(form.dataset.keep + location.pathname) || "{}");
      var back = Object.keys(open).filter(function (name) { return name in known && known[name] !== open[name] && known[name] === value(name); });
      back.forEach(function (name) { put(name, open[name]); });
      return back.length > 0;
    } catch (error) { return false; }
  }

  function showError(name, message) {
    var node = form.querySelector('[data-field][name="' + CSS.escape(name) + '"]');
    if (!node) return;
    var row = node.closest("[data-row], .item-text");
    var box = row && row.querySelector("[data-error]");
    if (box) {
      box.querySelector("span").textContent = message || "";
      box.hidden = !message;
    }
    if (row && row.dataset.row) row.classList.toggle("field-invalid", Boolean(message));
    if (node.type !== "checkbox" && node.type !== "radio") {
      node.classList.toggle("is-invalid", Boolean(message));
      if (message) node.setAttribute("aria-invalid", "true"); else node.removeAttribute("aria-invalid");
    }
  }

  function save() {
    if (stopped || running) return;
    var sending = unsent();
    if (!sending.length) return;
    var sent = {};
    var body = new FormData();
    body.set("revision", revision.value);
    body.set("own", ownField.value);
    sending.forEach(function (name) { sent[name] = value(name); body.set(name, sent[name]); });
    running = true;
    showState("Saving");
    fetch(form.dataset.autosave, { method: "POST", body: body, credentials: "same-origin", headers: { "X-CSRFToken": token, "X-Requested-With": "fetch" } })
      .then(function (response) {
        if (response.redirected || response.status === 403) { signedOut(); return null; }
        if (response.status === 413) { sending.forEach(function (name) { wrong[name] = sent[name]; }); showState("Large", "bad"); return null; }
        if (response.status === 429 || response.status === 503) { showState("Busy", "bad"); schedule(AGAIN); go(); return null; }
        if (response.status === 409) return response.json().then(function (answer) { refuse(answer); return null; });
        if (!response.ok) throw new Error(String(response.status));
        return response.json();
      })
      .then(function (answer) { if (answer) done(answer, sent); })
      .catch(function () { showState("Lost", "bad"); schedule(AGAIN); go(); })
      .finally(function () {
        running = false;
        mark();
        if (!bound) return;
        if (unsent().length && !stopped) save(); else go();
      });
  }

  function done(answer, sent) {
    answer.written.forEach(function (name) { own[name] = answer.revision; });
    ownField.value = JSON.stringify(own);
    lastSaved = answer.time;
    Object.keys(sent).forEach(function (name) {
      if (answer.errors[name]) {
        wrong[name] = sent[name];
        showError(name, answer.errors[name]);
      } else {
        delete wrong[name];
        known[name] = sent[name];
        showError(name, "");
      }
    });
    Object.keys(answer.figures || {}).forEach(function (name) {
      var told = answer.figures[name];
      beside("data-understood", name, told.understood);
      beside("data-question", name, told.question);
      beside("data-change", name, told.change);
      figures[name] = told.text;
      separate(name);
    });
    keep();
    if (answer.written.length) document.body.dispatchEvent(new CustomEvent("draft-saved"));
    tell();
    if (unsent().length) schedule(WAIT);
  }

  function tell() {
    var open = dirty();
    if (!open.length && !lastSaved) { state.textContent = first; state.className = "saved"; }
    else if (!open.length) showState("Saved", "", lastSaved);
    else if (!unsent().length) showState(lastSaved ? "Wrong" : "Over", "attention", lastSaved);
    else showState("Dirty", "attention");
    mark();
  }

  // What the server says of a figure stands beside its field.
  function beside(kind, name, text) {
    var node = form.querySelector("[" + kind + '="' + CSS.escape(name) + '"]');
    if (!node) return;
    (node.querySelector("span") || node).textContent = text;
    (kind === "data-change" ? node.parentNode : node).hidden = !text;
  }

  // A figure that is saved stands in its field with separators, as those beside it do, once nobody is typing in it.
  function separate(name) {
    var node = form.querySelector('[data-field][name="' + CSS.escape(name) + '"]');
    if (!node || !(name in figures) || node === document.activeElement || node.value !== known[name]) return;
    node.value = known[name] = figures[name];
    delete figures[name];
  }
  form.addEventListener("focusout", function (event) { if (event.target.matches("[data-field]")) setTimeout(separate, 0, event.target.name); });

  // ---- Signed out: nothing can be saved until the same person signs in again, in whatever window -------------------
  function signedOut() {
    away = stopped = true;
    showState("SignedOut", "bad");
  }
  function revive() {
    if (!away || document.hidden) return;
    fetch(location.pathname, { credentials: "same-origin" })
      .then(function (response) { return response.ok && !response.redirected ? response.text() : ""; })
      .then(function (text) {
        var fresh = text && new DOMParser().parseFromString(text, "text/html").querySelector("form[data-draft]");
        // Somebody else's session saves nothing of this page; neither does a filing that can no longer be changed.
        if (!fresh || !away || fresh.dataset.keep !== form.dataset.keep) return;
        token = fresh.querySelector("[name=csrfmiddlewaretoken]").value;
        document.querySelectorAll("[name=csrfmiddlewaretoken]").forEach(function (node) { node.value = token; });
        document.body.setAttribute("hx-headers", JSON.stringify({ "X-CSRFToken": token }));
        away = stopped = false;
        tell();
        save();
      })
      .catch(function () { /* the next look tries again */ });
  }
  window.addEventListener("focus", revive);
  document.addEventListener("visibilitychange", revive);
  setInterval(revive, AGAIN);

  // ---- A column out of a spreadsheet fills the fields below ----------------------------------------------------------
  form.addEventListener("paste", function (event) {
    var start = event.target;
    if (!start.matches("input.field-number[data-field]")) return;
    var rows = event.clipboardData.getData("text/plain").replace(/\r\n?/g, "\n").replace(/\n+$/, "").split("\n");
    if (rows.length < 2) return;
    event.preventDefault();
    var kind = start.name.slice(0, 2);
    var numbers = fields().filter(function (node) { return node.matches("input.field-number") && node.name.slice(0, 2) === kind; });
    var place = numbers.indexOf(start), filled = 0;
    rows.forEach(function (row) {
      var node = numbers[place++], text = row.split("\t")[0].trim();
      if (!node || !text) return; // a blank cell leaves its field as it is
      node.value = text;
      filled += 1;
      node.dispatchEvent(new Event("input", { bubbles: true }));
    });
    showState("Filled", "attention");
    state.textContent = state.textContent.replace("%(count)s", filled);
  });

  function refuse(answer) {
    stopped = true;
    if (answer.conflict) {
      state.textContent = form.dataset.wordConflict + " " + answer.conflict.join("、");
      compare.hidden = false;
    } else {
      state.textContent = (answer.refused || []).join(" ");
    }
    state.className = "saved saved-bad";
  }

  function schedule(wait) {
    clearTimeout(timer);
    timer = setTimeout(save, wait);
  }

  form.addEventListener("input", function (event) {
    if (!event.target.matches("[data-field]")) return;
    // "None of these" and the items of a checklist exclude each other.
    if (event.target.type === "checkbox" && event.target.checked && event.target.name.indexOf("f-") === 0) {
      form.querySelectorAll('[data-field][name="' + CSS.escape(event.target.name) + '"]').forEach(function (node) {
        if (node !== event.target && (event.target.hasAttribute("data-none") || node.hasAttribute("data-none"))) node.checked = false;
      });
    }
    keep();
    if (stopped) return;
    delete figures[event.target.name];
    // Back to what the server has: there is nothing to save, and nothing wrong any more.
    if (value(event.target.name) === known[event.target.name]) {
      delete wrong[event.target.name];
      showError(event.target.name, "");
    }
    tell();
    schedule(WAIT);
  });
  form.addEventListener("change", function (event) { if (event.target.matches("[data-field]") && !stopped) schedule(50); });
  window.addEventListener("online", function () { if (!stopped) schedule(50); });
  form.addEventListener("submit", function () { leaving = true; });

  // A link is followed once everything is saved, so that the next page shows it; after a while it is followed anyway.
  function go() {
    var to = bound;
    bound = "";
    if (to) location.assign(to);
  }
  document.addEventListener("click", function (event) {
    var link = event.target.closest("a[href]");
    if (!link || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    if (link.target || link.hasAttribute("download") || link.origin !== location.origin) return;
    if (link.hash && link.pathname === location.pathname && link.search === location.search) return;
    if (stopped || !(running || unsent().length)) return;
    event.preventDefault();
    if (!bound) setTimeout(go, PATIENCE);
    bound = link.href;
    save();
  });
  // Leaving the page: what is not saved yet is sent once more, and is kept on this computer in any case.
  window.addEventListener("pagehide", function () {
    keep();
    var sending = unsent();
    if (leaving || stopped || !sending.length) return;
    var body = new FormData();
    body.set("revision", revision.value);
    body.set("own", ownField.value);
    sending.forEach(function (name) { body.set(name, value(name)); });
    fetch(form.dataset.autosave, { method: "POST", body: body, credentials: "same-origin", keepalive: true, headers: { "X-CSRFToken": token, "X-Requested-With": "fetch" } }).catch(function () {});
  });

  names().forEach(function (name) { known[name] = served(name); });
  // A page that came back with errors shows what was typed; that is not what the server has.
  form.querySelectorAll(".is-invalid[data-field]").forEach(function (node) {
    wrong[node.name] = node.value;
    known[node.name] = null;
  });
  state = state || document.createElement("span"); // a page without fields has nothing to say
  if (restore()) {
    showState("Restored", "attention");
    mark();
    schedule(WAIT);
  } else {
    keep();
    if (unsent().length) {
      tell();
      schedule(WAIT);
    }
  }
})();

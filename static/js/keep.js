// What is typed into a form and not yet saved stays on this computer, under the name of who typed it, until the form has
// been taken: an expired session, a closed window or another page loses nothing. Signing out forgets it (app.js).
(function () {
  "use strict";

  var person = document.body.dataset.person;
  // What was sent has not been taken where the answer refuses it, or where no answer came and the person went back.
  var way = performance.getEntriesByType("navigation")[0];
  var refused = document.body.hasAttribute("data-refused") || (way && way.type !== "navigate");
  var wrong = Boolean(document.querySelector(".error-summary")); // the server shows what was typed, and has not kept it
  var prefix = "draft:" + person + ":typed:";
  var leaving = false;

  function all() {
    return Object.keys(localStorage).filter(function (key) { return /^draft:[^:]+:typed:/.test(key); });
  }
  function read(key) {
    try { return JSON.parse(localStorage.getItem(key)) || {}; } catch (error) { return {}; }
  }
  function write(key, kept) {
    if (Object.keys(kept.fields || {}).length) localStorage.setItem(key, JSON.stringify(kept));
    else localStorage.removeItem(key);
  }
  function keyOf(form) {
    return prefix + location.pathname + " " + (form.getAttribute("action") || "").split("?")[0] + " " + form.dataset.keepTyped;
  }
  function forms() { return Array.prototype.slice.call(document.querySelectorAll("form[data-keep-typed]")); }

  function kept(node) {
    return node.name && !node.disabled && !node.readOnly && ["hidden", "password", "file", "submit", "button"].indexOf(node.type) < 0 && node.name !== "sure" && node.autocomplete !== "one-time-code";
  }
  function changed(node) {
    if (node.type === "checkbox" || node.type === "radio") return node.checked !== node.defaultChecked;
    if (node.options) {
      return Array.prototype.some.call(node.options, function (option) { return option.selected && !option.defaultSelected; }) &&
        !(node.selectedIndex === 0 && !node.querySelector("option[selected]"));
    }
    return node.value !== node.defaultValue;
  }
  function nameOf(node) { return node.type === "checkbox" || node.type === "radio" ? node.name + "=" + node.value : node.name; }
  function valueOf(node) { return node.type === "checkbox" || node.type === "radio" ? node.checked : node.value; }

  // What other pages of the same form hold (other banks of a sheet) stays as it is.
  function keep(form) {
    try {
      var key = keyOf(form), fields = read(key).fields || {};
      Array.prototype.filter.call(form.elements, kept).forEach(function (node) {
        var name = nameOf(node);
        if (changed(node) || (wrong && name in fields)) fields[name] = valueOf(node); else delete fields[name];
      });
      write(key, { fields: fields });
    } catch (error) { /* a browser that keeps nothing loses nothing that is on the page */ }
  }
  function unsaved(form) { return (wrong && keyOf(form) in localStorage) || Array.prototype.some.call(form.elements, function (node) { return kept(node) && changed(node); }); }

  // Sent, and answered by a page that is no refusal: taken. Refused (signed out, away): it is typed text as before.
  function settle() {
    all().forEach(function (key) {
      var entry = read(key);
      if (!entry.sent) return;
      if (!refused && !wrong) entry.sent.forEach(function (name) { delete entry.fields[name]; });
      delete entry.sent;
      write(key, entry);
    });
  }

  function restore(form) {
    var fields = read(keyOf(form)).fields || {}, back = 0;
    Array.prototype.filter.call(form.elements, kept).forEach(function (node) {
      var name = nameOf(node);
      // What a person has typed before this script came is newer than what was kept.
      if (!(name in fields) || valueOf(node) === fields[name] || changed(node)) return;
      if (typeof fields[name] === "boolean") node.checked = fields[name]; else node.value = fields[name];
      node.closest("td, .field, label, form").classList.add("typed-back");
      for (var part = node.closest("details"); part; part = part.parentElement.closest("details")) part.open = true;
      back += 1;
    });
    if (unsaved(form)) keep(form);
    if (!back) return;
    form.prepend(document.getElementById("typed-back").content.cloneNode(true));
  }

  if (person) {
    try { settle(); forms().forEach(restore); } catch (error) { /* nothing kept, nothing to put back */ }
  } else {
    try {
      all().forEach(function (key) { var entry = read(key); delete entry.sent; write(key, entry); });
    } catch (error) { /* as above */ }
  }

  function onTyping(event) {
    var form = event.target.form;
    if (form && form.matches("[data-keep-typed]")) keep(form);
  }
  document.addEventListener("input", onTyping);
  document.addEventListener("change", onTyping);

  document.addEventListener("submit", function (event) {
    var form = event.target;
    // A form beside it whose answer is this page again (a file that is added): what was typed is put back there.
    if (form.matches("[data-comes-back]")) leaving = true;
    if (!form.matches("[data-keep-typed]") || form.hasAttribute("hx-post")) return;
    leaving = true;
    try {
      keep(form);
      var entry = read(keyOf(form));
      if (!entry.fields) return;
      entry.sent = Array.prototype.filter.call(form.elements, kept).map(nameOf);
      write(keyOf(form), entry);
    } catch (error) { /* as above */ }
  });
  // A form that is sent by htmx is taken when its answer replaces it.
  document.addEventListener("htmx:afterRequest", function (event) {
    var form = event.detail.requestConfig.elt; // the event itself is told to what took its place
    if (!form.matches("form[data-keep-typed]") || event.detail.xhr.status !== 200) return;
    try { localStorage.removeItem(keyOf(form)); } catch (error) { /* as above */ }
  });
  document.addEventListener("htmx:afterSettle", function (event) {
    if (!person) return;
    try {
      forms().filter(function (form) { return event.detail.target.contains(form) && !form.querySelector(".typed-back-notice"); }).forEach(restore);
    } catch (error) { /* as above */ }
  });
  document.addEventListener("htmx:beforeOnLoad", function (event) {
    if (event.detail.xhr.getResponseHeader("HX-Redirect")) leaving = true;
  });

  // A link, a filter or a closed window asks first where something typed has not been saved.
  window.addEventListener("beforeunload", function (event) {
    if (!leaving && forms().some(unsaved)) event.preventDefault();
  });
  window.addEventListener("pageshow", function () { leaving = false; });
})();

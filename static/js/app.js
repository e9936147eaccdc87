// Behaviour of the frame. Every page works without it; nothing here decides anything.
(function () {
  "use strict";

  var root = document.documentElement;

  // Theme: the same POST as without script, without the reload.
  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (form.matches("[data-theme-switch]") && event.submitter) {
      event.preventDefault();
      var theme = event.submitter.value;
      root.dataset.theme = theme;
      root.dataset.bsTheme = theme;
      var body = new FormData(form);
      body.set("theme", theme);
      fetch(form.action, { method: "POST", body: body, credentials: "same-origin", redirect: "manual" });
      return;
    }
    // Signing out leaves nothing of what was typed on this computer.
    if (form.matches("[data-sign-out]")) {
      try {
        Object.keys(localStorage).forEach(function (key) { if (key.indexOf("draft:") === 0) localStorage.removeItem(key); });
      } catch (error) { /* a browser that keeps nothing has nothing to forget */ }
    }
    // A form is sent once: the second click of a double click does nothing.
    if (form.method === "post" && !form.hasAttribute("data-again")) {
      if (form.dataset.sent) {
        event.preventDefault();
        return;
      }
      form.dataset.sent = "1";
      form.setAttribute("aria-busy", "true");
    }
  });

  // One box ticks all of a list that can be ticked.
  document.addEventListener("change", function (event) {
    if (!event.target.matches("[data-tick-all]")) return;
    event.target.closest("form").querySelectorAll("input[type=checkbox][name=" + event.target.dataset.tickAll + "]").forEach(function (box) {
      box.checked = event.target.checked;
    });
  });

  // Back from the browser's own store: the form may be sent again.
  window.addEventListener("pageshow", function () {
    document.querySelectorAll("form[data-sent]").forEach(function (form) {
      delete form.dataset.sent;
      form.removeAttribute("aria-busy");
    });
  });

  // Selects and checkboxes that filter a list send their form at once.
  document.addEventListener("change", function (event) {
    var form = event.target.closest("form[data-auto-submit]");
    if (form && event.target.matches("select, input[type=checkbox], input[type=date]")) form.requestSubmit();
  });

  // A file field says which file was chosen, and whether it is too large, before anything is sent.
  document.addEventListener("change", function (event) {
    var input = event.target;
    if (!input.matches("input[type=file][data-max-mb]")) return;
    var limit = Number(input.dataset.maxMb) * 1024 * 1024;
    var large = Array.prototype.some.call(input.files, function (file) { return file.size > limit; });
    input.setCustomValidity(large ? input.dataset.tooLarge || " " : "");
    input.reportValidity();
  });

  // Files that are dropped on a list of files go into its own field, as if they had been chosen.
  function dropPlace(event) {
    var box = event.target.closest && event.target.closest(".evidence");
    var input = box && box.querySelector("input[type=file]");
    var files = event.dataTransfer && Array.prototype.indexOf.call(event.dataTransfer.types, "Files") >= 0;
    return input && files ? { box: box, input: input } : null;
  }
  ["dragenter", "dragover"].forEach(function (name) {
    document.addEventListener(name, function (event) {
      var place = dropPlace(event);
      if (!place) return;
      event.preventDefault();
      place.box.classList.add("is-over");
    });
  });
  document.addEventListener("dragleave", function (event) {
    var box = event.target.closest && event.target.closest(".evidence");
    if (box && !box.contains(event.relatedTarget)) box.classList.remove("is-over");
  });
  document.addEventListener("drop", function (event) {
    var place = dropPlace(event);
    if (!place) return;
    event.preventDefault();
    place.box.classList.remove("is-over");
    place.input.files = event.dataTransfer.files;
    place.input.dispatchEvent(new Event("change", { bubbles: true }));
  });

  // How much of an upload has been sent.
  document.addEventListener("htmx:xhr:progress", function (event) {
    var box = event.target.closest && event.target.closest(".evidence");
    var bar = box && box.querySelector("progress");
    if (bar && event.detail.lengthComputable) bar.value = event.detail.loaded / event.detail.total;
  });

  // Buttons: print, open and close all parts of an explanation.
  document.addEventListener("click", function (event) {
    var button = event.target.closest("button[data-do]");
    if (!button) return;
    if (button.dataset.do === "print") window.print();
    if (button.dataset.do === "clear-choice") clearChoice(button);
    if (button.dataset.do === "open-all" || button.dataset.do === "close-all") {
      var tree = document.getElementById(button.getAttribute("aria-controls"));
      tree.querySelectorAll("details").forEach(function (part) { part.open = button.dataset.do === "open-all"; });
    }
  });

  // A chosen radio button cannot be unchosen by itself: a button beside the choices does that, while there is a choice.
  function choicesOf(button) {
    return document.getElementById(button.getAttribute("aria-controls")).querySelectorAll("input[type=radio]");
  }
  function offerClearing() {
    document.querySelectorAll("[data-do=clear-choice]").forEach(function (button) {
      button.hidden = !Array.prototype.some.call(choicesOf(button), function (choice) { return choice.checked; });
    });
  }
  function clearChoice(button) {
    var choices = choicesOf(button);
    choices.forEach(function (choice) { choice.checked = false; });
    choices[0].focus();
    ["input", "change"].forEach(function (name) { choices[0].dispatchEvent(new Event(name, { bubbles: true })); });
  }
  document.addEventListener("change", function (event) { if (event.target.matches("input[type=radio]")) offerClearing(); });
  window.addEventListener("pageshow", offerClearing);

  // An address that names a folded part of the page opens it.
  function openNamed() {
    var part = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!part || part.tagName !== "DETAILS") return;
    part.open = true;
    part.scrollIntoView();
  }
  window.addEventListener("hashchange", openNamed);
  window.addEventListener("DOMContentLoaded", openNamed);

  // Paper cannot be opened: explanations and the tables of charts are printed open.
  window.addEventListener("beforeprint", function () {
    document.querySelectorAll("[data-print-open] details:not([open]), details.chart-table:not([open])").forEach(function (part) {
      part.open = true;
      part.dataset.openedForPrint = "1";
    });
  });
  window.addEventListener("afterprint", function () {
    document.querySelectorAll("details[data-opened-for-print]").forEach(function (part) {
      part.open = false;
      delete part.dataset.openedForPrint;
    });
  });

  // A lost connection is said, and unsaid when it is back.
  var connection = document.getElementById("connection");
  function lost(is) { if (connection) connection.hidden = !is; }
  document.addEventListener("htmx:sendError", function () { lost(true); });
  document.addEventListener("htmx:timeout", function () { lost(true); });
  document.addEventListener("htmx:afterRequest", function (event) { if (event.detail.successful) lost(false); });
  window.addEventListener("online", function () { lost(false); });

  // An answer that is a refusal (409, 413, 429) carries a fragment to show in the messages region.
  document.addEventListener("htmx:beforeSwap", function (event) {
    var status = event.detail.xhr.status;
    var fragment = Boolean(event.detail.xhr.getResponseHeader("HX-Retarget"));
    var place = refusalOf(event.detail.requestConfig && event.detail.requestConfig.elt);
    if (place) place.textContent = "";
    if (place && status >= 400 && (status !== 422 || fragment)) {
      // A refusal speaks where it happened. What no page of ours is (a proxy's 413) is said in words of this page.
      event.detail.shouldSwap = fragment;
      event.detail.target = place;
      event.detail.isError = false;
      if (!fragment) refuse(place, status === 413 ? "tooLarge" : "refused");
    } else if ((fragment && status >= 400) || status === 409 || status === 413 || status === 422 || status === 429 || status === 503) {
      event.detail.shouldSwap = true;
      event.detail.isError = false;
    }
  });
  // Work that ends in a file sends the file and leaves the page where it is: its bar is done then, and asks no more.
  document.addEventListener("htmx:beforeOnLoad", function (event) {
    var bar = event.detail.elt, answer = event.detail.xhr;
    if (answer.getResponseHeader("HX-Redirect") && bar.matches(".progress-job") && answer.responseText) bar.outerHTML = answer.responseText;
  });
  document.addEventListener("htmx:afterSwap", function (event) {
    if (event.detail.target.id === "messages") event.detail.target.scrollIntoView({ block: "center" });
  });
  function refusalOf(node) {
    var region = node && node.closest && node.closest("[data-refusals]");
    return region && region.querySelector("[data-refusal]");
  }
  function refuse(place, word) {
    place.textContent = place.closest("[data-refusals]").dataset[word];
    place.className = "refusal field-error";
  }
  document.addEventListener("htmx:sendError", function (event) {
    var place = refusalOf(event.detail.elt);
    if (place) refuse(place, "refused");
  });
  // A file that is too large is not sent at all.
  document.addEventListener("htmx:beforeRequest", function (event) {
    var input = event.detail.elt, place = refusalOf(input);
    if (!place || !input.matches("input[type=file][data-limit-mb]")) return;
    var limit = Number(input.dataset.limitMb) * 1024 * 1024;
    if (!Array.prototype.some.call(input.files, function (file) { return file.size > limit; })) return;
    event.preventDefault();
    refuse(place, "tooLarge");
    input.value = "";
  });

  // A text that is too long is said while it is typed or pasted; nothing is cut.
  function measureText(node) {
    var limit = Number(node.dataset.limit), count = Array.from(node.value).length;
    var box = node.parentNode.querySelector(".over-limit");
    if (count <= limit) { if (box) box.remove(); return; }
    if (!box) {
      box = document.createElement("div");
      box.className = "over-limit";
      box.setAttribute("role", "alert");
      node.after(box);
    }
    box.textContent = document.getElementById("live").dataset.over.replace("{count}", count).replace("{limit}", limit).replace("{over}", count - limit);
  }
  document.addEventListener("input", function (event) { if (event.target.matches("[data-limit]")) measureText(event.target); });
  document.querySelectorAll("[data-limit]").forEach(measureText);

  // A table that fits its place needs no scrolling of its own: its head then sticks to the window.
  function measure() {
    document.querySelectorAll(".table-scroll-sticky").forEach(function (box) {
      box.classList.toggle("fits", box.firstElementChild.offsetWidth <= box.clientWidth);
    });
  }
  measure();
  window.addEventListener("resize", measure);
  document.addEventListener("htmx:afterSettle", measure);

  // A menu made of <details> closes on Escape and on a click elsewhere.
  function closeMenus(except) {
    document.querySelectorAll("details.menu[open]").forEach(function (menu) {
      if (menu !== except) menu.open = false;
    });
  }
  document.addEventListener("click", function (event) { closeMenus(event.target.closest("details.menu")); });
  // The key of an entry of the rail opens it from every page, unless somebody is typing.
  document.addEventListener("keydown", function (event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || event.isComposing) return;
    if (event.target.closest("input, textarea, select, [contenteditable]")) return;
    var link = Array.from(document.querySelectorAll("a[data-key]")).find(function (one) { return one.dataset.key === event.key; });
    if (!link) return;
    event.preventDefault();
    link.click();
  });

  document.addEventListener("keydown", function (event) {
    if (event.key !== "Escape") return;
    var menu = event.target.closest("details.menu[open]");
    if (menu) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });

  document.addEventListener("click", function (event) {
    if (event.target.closest("[data-print]")) window.print();
  });

  // The error summary takes the focus, so that a screen reader starts there.
  var summary = document.querySelector(".error-summary");
  if (summary) summary.focus();
})();

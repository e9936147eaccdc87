/* Trying changes: the form of a trial marks what differs, the page of one's own figures asks for the result as one types. */
(function () {
  "use strict";

  var form = document.querySelector("form[data-whatif]");
  if (form) {
    var count = form.querySelector("[data-whatif-count]");
    var mark = function () {
      var changed = 0;
      form.querySelectorAll(".trial-knob").forEach(function (knob) {
        var input = knob.querySelector("input, select");
        var differs;
        if (input.tagName === "SELECT") {
          differs = input.dataset.now !== input.value;
        } else {
          differs = input.value.trim() !== "" && input.value.trim() !== input.placeholder;
        }
        knob.classList.toggle("trial-knob-changed", differs);
        changed += differs ? 1 : 0;
      });
      count.hidden = changed === 0;
      count.textContent = changed + " " + count.dataset.one;
    };
    form.addEventListener("input", mark);
    form.addEventListener("change", mark);
    mark();
  }

  // One's own figures: rows that differ from the filing are marked; the server works out the score.
  var own = document.querySelector("form[data-whatif-own]");
  if (own) {
    // On narrow screens the result folds into its line, so that the fields stay in view.
    if (window.matchMedia("(max-width: 991.98px)").matches) {
      own.querySelector("[data-whatif-fold]").open = false;
    }
    // The answer names what cannot be read; the same sentence then stands at its field.
    document.addEventListener("htmx:afterSettle", function () {
      own.querySelectorAll("[data-error]").forEach(function (box) { showError(box, ""); });
      own.querySelectorAll("[data-field-error]").forEach(function (item) {
        var box = document.getElementById(item.dataset.fieldError.slice(1) + "-error");
        if (box) showError(box, item.textContent);
      });
      own.querySelectorAll("[data-row]").forEach(tell);
    });
    // What a changed figure moves stands beside it, so that one need not look away from the field.
    var tell = function (row) {
      var item = own.querySelector('[data-effect="' + row.dataset.row + '"]');
      var box = row.querySelector(".whatif-effect");
      if (!box) {
        if (!item) return;
        box = document.createElement("div");
        box.className = "whatif-effect tnum";
        row.querySelector(".figure-row-input").appendChild(box);
      }
      box.hidden = !item;
      box.textContent = item ? own.dataset.effectWord + " " + item.textContent : "";
    };
    var showError = function (box, text) {
      var row = box.closest("[data-row]");
      var input = row.querySelector("input[type=text], textarea");
      box.querySelector("span").textContent = text;
      box.hidden = !text;
      row.classList.toggle("field-invalid", Boolean(text));
      if (input) {
        input.classList.toggle("is-invalid", Boolean(text));
        if (text) input.setAttribute("aria-invalid", "true"); else input.removeAttribute("aria-invalid");
      }
    };
    own.addEventListener("input", function (event) {
      var row = event.target.closest("[data-row]");
      if (!row) {
        return;
      }
      var differs = Array.prototype.some.call(row.querySelectorAll("input, select, textarea"), function (input) {
        if (input.type === "radio" || input.type === "checkbox") {
          return input.checked !== input.defaultChecked;
        }
        return input.value.trim() !== input.defaultValue;
      });
      row.classList.toggle("figure-row-tried", differs);
    });
  }
})();

// A signature that finds the server busy is sent again by itself: the same form with the same seal, until it is answered.
// The password stays in this page's memory alone. Without this script the server's own page says when to try again.
(function () {
  "use strict";

  function say(form, text) {
    var place = form.querySelector("[data-waiting]");
    place.hidden = !text;
    place.textContent = text;
  }

  function ready(form) {
    delete form.dataset.sent;
    form.removeAttribute("aria-busy");
  }

  function wait(form, body, seconds) {
    say(form, form.dataset.busy.replace("{}", seconds));
    setTimeout(function () {
      if (seconds > 1) wait(form, body, seconds - 1);
      else send(form, body);
    }, 1000);
  }

  // The page that came back takes the place of this one; what listens on the document goes on listening.
  function show(text) {
    var page = new DOMParser().parseFromString(text, "text/html");
    document.title = page.title;
    document.body.replaceWith(document.adoptNode(page.body));
    if (window.htmx) window.htmx.process(document.body);
    window.scrollTo(0, 0);
    var summary = document.querySelector(".error-summary");
    if (summary) summary.focus();
  }

  function send(form, body) {
    fetch(form.action, { method: "POST", body: body, credentials: "same-origin", redirect: "manual" }).then(function (answer) {
      if (answer.type === "opaqueredirect") {
        window.location.assign(form.dataset.done);
        return;
      }
      var seconds = Number(answer.headers.get("Retry-After"));
      if (answer.status === 503 && seconds > 0) {
        wait(form, body, seconds);
        return;
      }
      answer.text().then(show);
    }, function () {
      say(form, form.dataset.lost);
      ready(form);
    });
  }

  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (!form.matches("form[data-until-answered]") || event.defaultPrevented) return;
    event.preventDefault();
    send(form, new URLSearchParams(new FormData(form)));
  });
})();

// A form that holds a passkey's field asks the device for it before it is sent. What the browser is asked stands in the
// page, made by the server; the answer goes into a hidden field. With a code typed instead, the form is sent as it is.
(function () {
  "use strict";

  function bytes(text) {
    var plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
    return Uint8Array.from(plain, function (letter) { return letter.charCodeAt(0); });
  }

  function text(buffer) {
    var plain = "";
    new Uint8Array(buffer).forEach(function (byte) { plain += String.fromCharCode(byte); });
    return btoa(plain).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  }

  function question(options) {
    var asked = JSON.parse(options);
    asked.challenge = bytes(asked.challenge);
    if (asked.user) asked.user.id = bytes(asked.user.id);
    ["allowCredentials", "excludeCredentials"].forEach(function (name) {
      (asked[name] || []).forEach(function (one) { one.id = bytes(one.id); });
    });
    return { publicKey: asked };
  }

  function answer(credential) {
    var response = {};
    ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"].forEach(function (name) {
      if (credential.response[name]) response[name] = text(credential.response[name]);
    });
    return JSON.stringify({
      id: credential.id, rawId: text(credential.rawId), type: credential.type, response: response,
      clientExtensionResults: {}
    });
  }

  function say(box, words) {
    var place = box.querySelector("[data-passkey-says]");
    place.hidden = !words;
    place.textContent = words;
  }

  // Whether this sending of the form is the one that the passkey is asked for.
  function asksFor(form, submitter) {
    if (submitter && submitter.hasAttribute("formaction")) return false;
    var typed = form.querySelector("[name=code]"), password = form.querySelector("[type=password]");
    return !(typed && typed.value.trim()) && !(password && !password.value);
  }

  document.addEventListener("submit", function (event) {
    var form = event.target, box = form.querySelector("[data-passkey]");
    if (!box || !asksFor(form, event.submitter)) return;
    var input = box.querySelector("input"), submitter = event.submitter;
    if (input.value) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (box.dataset.asking) return;
    if (!window.PublicKeyCredential) {
      say(box, box.dataset.absent);
      return;
    }
    box.dataset.asking = "1";
    say(box, box.dataset.wait);
    var asked = question(box.dataset.options), make = box.dataset.passkey === "make";
    (make ? navigator.credentials.create(asked) : navigator.credentials.get(asked)).then(function (credential) {
      input.value = answer(credential);
      delete box.dataset.asking;
      say(box, "");
      form.requestSubmit(submitter);
    }, function (error) {
      delete box.dataset.asking;
      say(box, error.name === "SecurityError" ? box.dataset.absent : box.dataset.refused);
    });
  }, true);

  // An answer is good for once: a page that comes back from the browser's own store asks again.
  window.addEventListener("pageshow", function () {
    document.querySelectorAll("[data-passkey] input").forEach(function (input) { input.value = ""; });
  });
})();

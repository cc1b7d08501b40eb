// A form with data-passkey is sent with the answer of a passkey: "create" makes one, "get" uses one.
"use strict";

const WORDS = {
  AbortError: "It was cancelled.",
  InvalidStateError: "That device has a passkey for you here already.",
  NotAllowedError: "It was cancelled, or it took too long.",
  NotSupportedError: "That device has no passkeys that this site can use.",
};

async function options(form) {
  const answer = await fetch(form.dataset.options, { method: "POST", body: new FormData(form) });
  const said = await answer.json().catch(() => ({ error: "Reload the page, and try again." }));
  if (said.error) throw new Error(said.error);
  return said;
}

async function ask(form) {
  if (location.origin !== form.dataset.origin) {
    throw new Error(`Passkeys work at ${form.dataset.origin} alone: open the console there.`);
  }
  if (!window.PublicKeyCredential?.parseRequestOptionsFromJSON) {
    throw new Error("This browser has no passkeys, or is too old for them.");
  }
  const told = await options(form);
  return form.dataset.passkey === "create"
    ? navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(told) })
    : navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(told) });
}

async function send(form) {
  const button = form.querySelector("button"), fault = form.querySelector("[role=alert]");
  button.disabled = true;
  fault.hidden = true;
  try {
    form.elements.answer.value = JSON.stringify((await ask(form)).toJSON());
    form.submit(); // without another "submit" event
  } catch (error) {
    fault.textContent = WORDS[error.name] ?? error.message;
    fault.hidden = false;
    button.disabled = false;
  }
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send(form);
  });
}

// Makes every page more convenient; no page needs it. A form is sent once, says that it is being sent,
// and waits in the page while there is no network. What is wrong is read first.

const offline = document.getElementById("offline");
let waiting = null;

function sendOnce(event) {
  const form = event.target;
  if ("leave" in form.dataset) {
    // Nobody who looks over a shoulder reads on while the next page loads.
    document.body.hidden = true;
    return;
  }
  if (form.method !== "post" || event.defaultPrevented) {
    return;
  }
  if (!navigator.onLine) {
    event.preventDefault();
    waiting = { form, button: event.submitter };
    offline.hidden = false;
    offline.scrollIntoView({ block: "nearest" });
    return;
  }
  if ("file" in form.dataset) {
    // It is answered by a file, and this page stays.
    return;
  }
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  if (form.dataset.sending && event.submitter) {
    event.submitter.dataset.text = event.submitter.textContent;
    event.submitter.textContent = form.dataset.sending;
  }
}

function sendWhatWaited() {
  offline.hidden = true;
  const sent = waiting;
  waiting = null;
  sent?.form.requestSubmit(sent.button);
}

// A page that comes back out of the browser's memory can be sent again.
function beginAnew() {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    for (const button of form.querySelectorAll("button[data-text]")) {
      button.textContent = button.dataset.text;
    }
  }
}

// How much there is to do, and to read, stands on the tabs. It is asked for each minute while somebody looks and
// has moved lately: nobody is kept logged in by a page that was left open.
const badges = document.querySelectorAll("[data-count]");
const MINUTE = 60_000;
const QUIET = 10 * MINUTE;
let moved = Date.now();

function noteMove() {
  moved = Date.now();
}

async function recount(badge) {
  const answer = await fetch(badge.dataset.count).catch(() => null);
  if (answer?.ok && !answer.redirected) {
    const { count, said = count } = await answer.json();
    badge.textContent = said;
    badge.hidden = count === 0;
  }
}

function recountAll() {
  if (document.hidden || Date.now() - moved > QUIET || !navigator.onLine) {
    return;
  }
  badges.forEach(recount);
}

if (badges.length > 0) {
  for (const kind of ["pointerdown", "keydown", "scroll"]) {
    document.addEventListener(kind, noteMove, { passive: true });
  }
  document.addEventListener("visibilitychange", recountAll);
  setInterval(recountAll, MINUTE);
  for (const badge of badges) {
    if (badge.hidden && !document.hidden) {
      recount(badge);
    }
  }
}

// Without a network there is one page to show, which says so; it is the only one that is kept.
if ("serviceWorker" in navigator) {
  navigator.serviceWorker.register(document.documentElement.dataset.worker, { scope: "/" });
}

// What is shown for a short time does not come back out of the browser's memory.
function forgetWhatIsBrief() {
  for (const each of document.querySelectorAll("[data-brief]")) {
    each.remove();
  }
}

for (const button of document.querySelectorAll("[data-print]")) {
  button.parentElement.hidden = false;
  button.addEventListener("click", () => window.print());
}

document.addEventListener("submit", sendOnce);
window.addEventListener("pagehide", forgetWhatIsBrief);
window.addEventListener("online", sendWhatWaited);
window.addEventListener("pageshow", beginAnew);
document.querySelector(".govuk-error-summary")?.focus();

// Starts the viewer of one API's reference, and lends it the access token that was typed in. The token
// stays in this page: it is in no storage and in no address.

const place = document.getElementById("viewer");
const token = document.getElementById("token");

function withToken(request) {
  const given = token.value.trim();
  if (given && new URL(request.url, location.href).origin === location.origin) {
    request.headers.Authorization = `Bearer ${given}`;
  }
  return request;
}

// A token is asked for with a signed assertion, which this viewer cannot make: its own dialogue would
// promise what it does not do.
const nothing = () => () => null;
const withoutDialogue = { wrapComponents: { authorizeBtn: nothing, authorizeOperationBtn: nothing } };

window.SwaggerUIBundle({
  dom_id: "#viewer",
  url: place.dataset.document,
  presets: [window.SwaggerUIBundle.presets.apis],
  plugins: [() => withoutDialogue],
  deepLinking: true,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  requestInterceptor: withToken,
  validatorUrl: null,
});

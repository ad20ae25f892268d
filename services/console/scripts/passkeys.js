// Asks for a passkey where a page can take one, and sends on what came back from elsewhere. Without
// it a code does the same, and a button leads on.

const id = (credential) => ({ type: "public-key", id: credential });

function creation(told) {
  return PublicKeyCredential.parseCreationOptionsFromJSON({
    rp: { id: told.rp_id, name: "Nhịp Cầu" },
    user: { id: told.user_id, name: told.user_name, displayName: told.display_name },
    challenge: told.challenge,
    pubKeyCredParams: told.algorithms.map((alg) => ({ type: "public-key", alg })),
    excludeCredentials: told.credential_ids.map(id),
    authenticatorSelection: { residentKey: "discouraged", userVerification: "required" },
  });
}

function request(told) {
  return PublicKeyCredential.parseRequestOptionsFromJSON({
    rpId: told.rp_id,
    challenge: told.challenge,
    allowCredentials: told.credential_ids.map(id),
    userVerification: "required",
  });
}

async function answered(kind, told) {
  const asked =
    kind === "create"
      ? navigator.credentials.create({ publicKey: creation(told) })
      : navigator.credentials.get({ publicKey: request(told) });
  const { id: credential, response } = (await asked).toJSON();
  return {
    credential_id: credential,
    client_data: response.clientDataJSON,
    attestation: response.attestationObject,
    authenticator_data: response.authenticatorData,
    signature: response.signature,
  };
}

// The button is there only where it works; what was typed beside it is sent along.
function offer(place) {
  const button = place.querySelector("[data-with-passkey]");
  const form = button.form;
  const failed = form.querySelector("[role=status]");
  let given = false;
  button.hidden = false;
  form.addEventListener("submit", async (event) => {
    if (event.submitter !== button || given) {
      return;
    }
    event.preventDefault();
    failed.hidden = true;
    try {
      const answer = await answered(place.dataset.passkey, JSON.parse(place.dataset.told));
      for (const field of form.querySelectorAll("input[type=hidden]")) {
        field.value = answer[field.name] ?? field.value;
      }
      given = true;
      form.requestSubmit(button);
    } catch {
      failed.hidden = false;
    }
  });
}

if (window.PublicKeyCredential?.parseCreationOptionsFromJSON) {
  document.querySelectorAll("[data-passkey]").forEach(offer);
}
document.querySelector("[data-goes-on] form")?.requestSubmit();

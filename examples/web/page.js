// The page: what is written goes to a worker, which fits; what comes back is shown. A fit never blocks the page, and cancelling ends the worker.

const element = (id) => document.getElementById(id);
const [model, data, seed, fit, cancel] = ["model", "data", "seed", "fit", "cancel"].map(element);
const [status, messages, summary] = ["status", "messages", "summary"].map(element);

/** The worker of the fit that runs, if one does. */
let running = null;

fit.addEventListener("click", () => {
  const given = readData();
  if (given === null) return;
  clear();
  running = new Worker(new URL("worker.js", import.meta.url), { type: "module" });
  running.addEventListener("message", ({ data: answer }) => receive(answer));
  running.addEventListener("error", ({ message }) => stop(`The worker failed: ${message}`));
  running.postMessage({ text: model.value, data: given, options: { seed: seed.valueAsNumber } });
  setRunning(true);
});

cancel.addEventListener("click", () => stop("Cancelled."));

function readData() {
  try {
    const given = JSON.parse(data.value);
    if (typeof given === "object" && given !== null && !Array.isArray(given)) return given;
    status.value = "The data are no object of names and values.";
  } catch (error) {
    status.value = `The data are not JSON: ${error.message}`;
  }
  return null;
}

function clear() {
  messages.textContent = "";
  summary.hidden = true;
  status.value = "Compiling.";
}

function stop(text) {
  running?.terminate();
  running = null;
  setRunning(false);
  status.value = text;
}

function setRunning(isRunning) {
  fit.disabled = isRunning;
  cancel.disabled = !isRunning;
}

function receive(answer) {
  switch (answer.kind) {
    case "progress":
      status.value = `${answer.phase}: ${answer.gradients} gradients, ELBO ${answer.elbo.toFixed(2)}`;
      return;
    case "refused":
      messages.textContent = answer.text;
      return stop("There is no fit: see below.");
    case "fit":
      messages.textContent = [answer.verdict, answer.warnings].filter((text) => text !== "").join("\n\n");
      show(answer.rows);
      return stop(
        `ELBO ${answer.elbo.mean.toFixed(2)}, k-hat ${answer.khat.toFixed(2)}, ${answer.seconds.toFixed(2)} s`,
      );
  }
}

function show(rows) {
  const shown = rows.map(({ name, values }) => {
    const row = document.createElement("tr");
    for (const text of [name, ...values.map((value) => value.toPrecision(4))]) row.insertCell().textContent = text;
    return row;
  });
  summary.tBodies[0].replaceChildren(...shown);
  summary.hidden = false;
}

/** Eight schools, from the folder beside this one. */
async function start() {
  const [text, json] = await Promise.all(
    ["model.ppl", "data.json"].map(async (name) => (await fetch(`../eight-schools/${name}`)).text()),
  );
  model.value = text;
  data.value = json;
  fit.disabled = false;
}

await start();

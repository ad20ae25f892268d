// Builds what browsers are given: styles, scripts and the reference's viewer, each under a name that
// changes with its content, with compressed copies beside it. `node build.mjs SOURCES TARGET`.

import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, extname, join } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";

const [sources, target] = process.argv.slice(2);
const require = createRequire(join(process.cwd(), "package.json"));
const sass = require("sass");

const VIEWER = ["swagger-ui.css", "swagger-ui-bundle.js"];
const LIVE = ["htmx.min.js", "ext/hx-sse.min.js"];
const GIVEN_OUT = ["@fontsource/tinos", "govuk-frontend", "htmx.org", "swagger-ui-dist"];

function styles() {
  const built = sass.compile(join(sources, "styles", "console.scss"), {
    loadPaths: ["node_modules"],
    style: "compressed",
    quietDeps: true,
  });
  return [["console.css", Buffer.from(built.css)]];
}

function scripts() {
  const folder = join(sources, "scripts");
  return readdirSync(folder).map((name) => [name, readFileSync(join(folder, name))]);
}

function viewer() {
  return VIEWER.map((name) => [name, readFileSync(join("node_modules", "swagger-ui-dist", name))]);
}

// For pages that renew themselves; none needs it. It is one file: htmx looks at the page as soon as the
// browser rests, and a part that came after that would never be asked.
function live() {
  const parts = LIVE.map((file) => readFileSync(join("node_modules", "htmx.org", "dist", file), "utf-8"));
  return [["live.js", Buffer.from(parts.join("\n;\n"))]];
}

// What papers are printed in: `deploy/typefaces.py` makes one typeface of each cut out of these parts.
function typefaces() {
  const from = join("node_modules", "@fontsource", "tinos", "files");
  mkdirSync(join(target, "typefaces"));
  readdirSync(from)
    .filter((file) => /-(latin|latin-ext|vietnamese)-(400|700)-(normal|italic)\.woff$/.test(file))
    .forEach((file) => copyFileSync(join(from, file), join(target, "typefaces", file)));
}

// Licences travel with what they cover.
function thirdParty() {
  const notices = GIVEN_OUT.map((name) => {
    const folder = join("node_modules", name);
    const { version, license } = JSON.parse(readFileSync(join(folder, "package.json")));
    const texts = readdirSync(folder)
      .filter((file) => /^(licen[cs]e|notice)/i.test(file))
      .map((file) => readFileSync(join(folder, file), "utf-8"));
    return `${name} ${version} (${license})\n\n${texts.join("\n")}`;
  });
  return [["third-party.txt", Buffer.from(notices.join(`\n${"-".repeat(72)}\n\n`))]];
}

function write([name, content]) {
  const digest = createHash("sha256").update(content).digest("hex").slice(0, 16);
  const end = extname(name);
  const file = `${basename(name, end)}.${digest}${end}`;
  writeFileSync(join(target, file), content);
  writeFileSync(join(target, `${file}.gz`), gzipSync(content, { level: 9 }));
  writeFileSync(join(target, `${file}.br`), brotliCompressSync(content));
  return [name, file];
}

rmSync(target, { recursive: true, force: true });
mkdirSync(target, { recursive: true });
typefaces();
const written = [...styles(), ...scripts(), ...viewer(), ...live(), ...thirdParty()].map(write);
writeFileSync(join(target, "manifest.json"), JSON.stringify(Object.fromEntries(written), null, 2));

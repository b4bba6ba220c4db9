// Rules that hold on every page, checked inside of it.

// Runs in the page. Returns what is wrong, in words.
export function audit() {
  const wrong = [];
  const shown = (element) => element.getClientRects().length > 0;
  const nameOf = (element) => {
    const labelled = (element.getAttribute("aria-labelledby") ?? "").split(/\s+/).map((id) => document.getElementById(id));
    return [
      element.getAttribute("aria-label"),
      ...labelled.map((label) => label?.textContent),
      ...[...(element.labels ?? [])].map((label) => label.textContent),
      element.textContent,
    ].some((text) => text && text.trim() !== "");
  };
  for (const element of document.querySelectorAll("a, button, input, dialog, [role=region], [role=img], nav, table")) {
    if (element.tagName === "TABLE") continue; // named by the region around it
    if (shown(element) && !nameOf(element)) wrong.push(`no name: ${element.outerHTML.slice(0, 120)}`);
  }
  if (document.querySelectorAll("h1").length !== 1) wrong.push(`${document.querySelectorAll("h1").length} h1 elements`);
  const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
  for (const id of ids.filter((id, i) => ids.indexOf(id) !== i)) wrong.push(`two elements have the id ${id}`);
  for (const element of document.querySelectorAll("[aria-controls], [aria-describedby], [aria-labelledby]")) {
    for (const attribute of ["aria-controls", "aria-describedby", "aria-labelledby"]) {
      const id = element.getAttribute(attribute);
      if (id && !document.getElementById(id)) wrong.push(`${attribute} names nothing: ${id}`);
    }
  }
  if (document.documentElement.scrollWidth > document.documentElement.clientWidth) {
    wrong.push(`scrolls sideways: ${document.documentElement.scrollWidth} > ${document.documentElement.clientWidth}`);
  }
  const text = document.body.innerText;
  for (const slip of ["undefined", "NaN", "[object", "Infinity"]) {
    if (text.includes(slip)) wrong.push(`the page says "${slip}"`);
  }
  return wrong;
}

// Runs in the page. Pairs of ink and ground whose contrast is below 4.5 to 1.
export function faintPairs() {
  const probe = document.createElement("span");
  document.body.append(probe);
  const channels = (variable) => {
    probe.style.color = `var(${variable})`;
    return getComputedStyle(probe).color.match(/[\d.]+/g).slice(0, 3).map(Number);
  };
  const luminance = (variable) => {
    const [r, g, b] = channels(variable).map((value) => {
      const share = value / 255;
      return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const pairs = [
    ["--ink", "--ground"], ["--ink", "--surface"], ["--ink-soft", "--surface"], ["--ink-soft", "--sunken"],
    ["--ink-quiet", "--surface"], ["--ink-quiet", "--ground"], ["--accent", "--surface"], ["--accent", "--accent-soft"],
    ["--accent-ink", "--accent"], ["--good", "--surface"], ["--good", "--good-soft"], ["--bad", "--surface"],
    ["--bad", "--bad-soft"], ["--warn", "--surface"], ["--warn", "--warn-soft"], ["--info", "--info-soft"],
  ];
  const faint = pairs.flatMap(([ink, ground]) => {
    const [a, b] = [luminance(ink), luminance(ground)];
    const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    return contrast < 4.5 ? [`${ink} on ${ground}: ${contrast.toFixed(2)}`] : [];
  });
  probe.remove();
  return faint;
}

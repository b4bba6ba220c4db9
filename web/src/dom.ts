// Building elements. Text only ever becomes text nodes, so nothing that the server sends can become markup, and
// styles are set through the CSSOM, so a Content-Security-Policy without 'unsafe-inline' holds.

export type Child = Node | string | number | null | undefined | false | readonly Child[];

type Listeners = { [Name in keyof HTMLElementEventMap]?: (event: HTMLElementEventMap[Name]) => void };

export interface Props {
  class?: string | undefined;
  on?: Listeners;
  // CSS custom properties: { "--share": "0.4" }.
  vars?: Record<string, string>;
  // Everything else is an attribute: true gives an empty one, false and undefined leave it out.
  [attribute: string]: unknown;
}

export function h<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  props: Props = {},
  ...children: Child[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  apply(element, props);
  append(element, children);
  return element;
}

export function svg<Tag extends keyof SVGElementTagNameMap>(
  tag: Tag,
  props: Props = {},
  ...children: Child[]
): SVGElementTagNameMap[Tag] {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  apply(element, props);
  append(element, children);
  return element;
}

export function append(parent: Node, children: readonly Child[]): void {
  for (const child of children) {
    if (child === null || child === undefined || child === false) continue;
    if (typeof child === "string" || typeof child === "number") parent.appendChild(document.createTextNode(`${child}`));
    else if (child instanceof Node) parent.appendChild(child);
    else append(parent, child);
  }
}

export function replace(parent: Element, ...children: Child[]): void {
  parent.replaceChildren();
  append(parent, children);
}

// Writes only what differs, so that a page updated each second leaves selections and screen readers in peace.
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

function apply(element: HTMLElement | SVGElement, props: Props): void {
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === false || value === null) continue;
    if (name === "on") {
      for (const [event, listener] of Object.entries(value as Listeners)) {
        element.addEventListener(event, listener as EventListener);
      }
    } else if (name === "vars") {
      for (const [variable, text] of Object.entries(value as Record<string, string>)) {
        element.style.setProperty(variable, text);
      }
    } else {
      element.setAttribute(name, value === true ? "" : String(value));
    }
  }
}

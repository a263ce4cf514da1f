// What tests look at in a page: bodies of functions that run in it.

/** The id or the words of what has the focus. */
export const focused = `const e = document.activeElement; return e.id || e.name || e.textContent.trim();`;
export const settingsOf = `return Object.fromEntries([...document.querySelectorAll('dt')].map((dt) =>
  [dt.textContent, dt.nextElementSibling.textContent]))`;
/** Elements that stand out of the page to the right. */
export const tooWide = `return [...document.querySelectorAll('body *')].filter((e) =>
  e.getBoundingClientRect().right > document.documentElement.clientWidth + 0.5).map((e) => e.outerHTML.slice(0, 80))`;
/** The least contrast (WCAG 2) of a text with what is behind it, and where. */
export const leastContrast = `
  const rgba = (text) => { const [r, g, b, a = 1] = text.match(/[\\d.]+/g).map(Number); return [r, g, b, a]; };
  const over = ([r, g, b, a], [x, y, z]) => [r * a + x * (1 - a), g * a + y * (1 - a), b * a + z * (1 - a), 1];
  const light = ([r, g, b]) => [r, g, b].map((v) => v / 255).map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, n) => sum + v * [0.2126, 0.7152, 0.0722][n], 0);
  const behind = (e) => e ? over(rgba(getComputedStyle(e).backgroundColor), behind(e.parentElement)) : [255, 255, 255, 1];
  const opacity = (e) => e ? Number(getComputedStyle(e).opacity) * opacity(e.parentElement) : 1;
  let least = [99, ''];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const e = texts.currentNode.parentElement;
    if (!texts.currentNode.data.trim()) continue;
    const paper = behind(e);
    const [r, g, b, a] = rgba(getComputedStyle(e).color);
    const [hi, lo] = [light(over([r, g, b, a * opacity(e)], paper)), light(paper)].sort((x, y) => y - x);
    const contrast = (hi + 0.05) / (lo + 0.05);
    if (contrast < least[0]) least = [contrast, texts.currentNode.data.trim().slice(0, 40)];
  }
  return least;`;

// The little Markdown of the families as HTML: `code`, *words of a menu*, links.

import { escapeHtml, Html } from '../html.ts';

/** Links to other pages of docs/ are shown as words: the web has no such pages. */
export const prose = (text: string): Html =>
  new Html(
    escapeHtml(text)
      .replace(/\[([^\]]+)\]\((https?:[^)\s]+)\)/g, '<a href="$2">$1</a>')
      .replace(/ \(\[[^\]]+\]\([^)]+\)\)/g, '')
      .replace(/\[([^\]]+)\]\([^)]+\)/g, '$1')
      .replace(/`([^`]+)`/g, '<code>$1</code>')
      .replace(/\*([^*]+)\*/g, '<em>$1</em>'),
  );

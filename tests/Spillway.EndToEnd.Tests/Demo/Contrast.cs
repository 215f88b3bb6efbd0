namespace Spillway.EndToEnd.Tests.Demo;

/// <summary>Finds texts that are hard to read, by the formula of WCAG 2.2, 1.4.3.</summary>
internal static class Contrast
{
    public const string Script = """
        () => {
          const rgb = text => text.match(/[\d.]+/g).map(Number);
          const light = ([r, g, b]) => [r, g, b]
            .map(v => v / 255).map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
            .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
          const ground = element => {
            for (let at = element; at !== null; at = at.parentElement) {
              const [r, g, b, a = 1] = rgb(getComputedStyle(at).backgroundColor);
              if (a === 1) return [r, g, b];
              if (a > 0) throw new Error('half transparent ground: ' + at.className);
            }
            return [255, 255, 255];
          };
          const weak = [];
          const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
          while (walker.nextNode()) {
            const element = walker.currentNode.parentElement;
            if (walker.currentNode.data.trim() === '' || !element.checkVisibility() || element.closest('.hidden, noscript')) continue;
            for (let at = element; at !== null; at = at.parentElement) {
              if (getComputedStyle(at).opacity !== '1') weak.push('half transparent: ' + at.className);
            }
            const [a, b] = [light(rgb(getComputedStyle(element).color)), light(ground(element))].sort((x, y) => y - x);
            const ratio = (a + 0.05) / (b + 0.05);
            if (ratio < 4.5) weak.push(`${ratio.toFixed(2)}: ${walker.currentNode.data.trim()}`);
          }
          return weak;
        }
        """;
}

"use strict";
(() => {
  const form = document.getElementById("filter");
  const cards = [...document.querySelectorAll("article.finding")];
  const shown = document.getElementById("shown");
  const none = document.getElementById("none");
  if (form) {
    const texts = new Map(cards.map((card) => [card, card.textContent.toLowerCase()]));
    const apply = () => {
      const severities = new Set([...form.querySelectorAll("[name=severity]:checked")].map((box) => box.value));
      const rule = form.elements.rule.value;
      const sought = form.elements.text.value.toLowerCase().split(/\s+/).filter(Boolean);
      let count = 0;
      for (const card of cards) {
        const fits =
          severities.has(card.dataset.severity) &&
          (!rule || card.dataset.rule === rule) &&
          sought.every((word) => texts.get(card).includes(word));
        card.hidden = !fits;
        count += fits ? Number(card.dataset.count) : 0;
      }
      shown.value = count === Number(shown.dataset.all) ? `all ${count} shown` : `${count} of ${shown.dataset.all} shown`;
      none.hidden = count > 0;
    };
    form.hidden = false;
    form.addEventListener("input", apply);
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("reset", () => setTimeout(apply));
    for (const link of document.querySelectorAll("a[data-only]")) {
      link.addEventListener("click", () => {
        form.reset();
        form.elements.rule.value = link.dataset.only;
        apply();
      });
    }
    document.addEventListener("keydown", (event) => {
      const typing = event.target.closest("input, select, textarea");
      if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
        event.preventDefault();
        form.elements.text.focus();
      }
    });
    apply();
  }
  const unfold = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const details = target && target.closest("details");
    if (details) details.open = true;
  };
  window.addEventListener("hashchange", unfold);
  unfold();
  let folded = [];
  window.addEventListener("beforeprint", () => {
    folded = [...document.querySelectorAll("details.fix:not([open])")];
    for (const one of folded) one.open = true;
  });
  window.addEventListener("afterprint", () => {
    for (const one of folded) one.open = false;
  });
})();

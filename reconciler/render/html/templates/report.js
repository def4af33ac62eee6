(function () {
  "use strict";
  var byId = document.getElementById.bind(document);
  var all = function (what) { return Array.prototype.slice.call(document.querySelectorAll(what)); };
  var cards = all(".card"), groups = all(".group"), form = byId("filter"), words = byId("words"), found = byId("found");

  function filter() {
    var wanted = words.value.toLowerCase().split(/\s+/).filter(Boolean), shown = 0;
    cards.forEach(function (card) {
      var fits = wanted.every(function (word) { return card.dataset.words.indexOf(word) >= 0; });
      card.hidden = !fits;
      shown += fits ? 1 : 0;
    });
    groups.forEach(function (group) { group.hidden = !group.querySelector(".card:not([hidden])"); });
    found.textContent = wanted.length ? shown + " of " + cards.length : "";
  }
  function fold(open) {
    cards.forEach(function (card) { if (!card.hidden) { card.open = open; } });
  }
  function arrive() {
    var id = "";
    try { id = decodeURIComponent(location.hash.slice(1)); } catch (ignored) { return; }
    var place = id && byId(id);
    if (place && place.classList.contains("card")) {
      if (place.hidden) { words.value = ""; filter(); }
      place.open = true;
      place.scrollIntoView();
    }
  }

  if (form) {
    form.hidden = false;
    form.addEventListener("submit", function (event) { event.preventDefault(); });
    words.addEventListener("input", filter);
    byId("unfold").addEventListener("click", function () { fold(true); });
    byId("fold").addEventListener("click", function () { fold(false); });
    all("[data-filter]").forEach(function (link) {
      link.addEventListener("click", function (event) {
        event.preventDefault();
        words.value = words.value === link.dataset.filter ? "" : link.dataset.filter;
        filter();
        words.focus();
      });
    });
    if (words.value) { filter(); }
  }

  var folded = [];
  addEventListener("beforeprint", function () {
    folded = all("details:not([open])");
    folded.forEach(function (one) { one.open = true; });
  });
  addEventListener("afterprint", function () {
    folded.forEach(function (one) { one.open = false; });
    folded = [];
  });
  addEventListener("hashchange", arrive);
  arrive();
}());

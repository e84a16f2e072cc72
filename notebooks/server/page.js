// What marimo's page does not do by itself: ask to sign in again, rest while nobody looks, and say in the tab what it shows.
(() => {
  const plain = window.fetch;
  const url = (what) => (typeof what === "string" ? what : what.url ?? String(what));
  window.fetch = async (what, ...more) => {
    // In a hidden tab nobody clicks: what would be sent is a timer's tick.
    if (document.hidden && url(what).includes("/api/kernel/set_ui_element_value"))
      return new Response('{"success":true}', { status: 200, headers: { "Content-Type": "application/json" } });
    const answer = await plain(what, ...more);
    // A session can't tell that its visitor was signed out; the gate can.
    if (answer.status === 401 && url(what).includes("/api/kernel/")) location.reload();
    return answer;
  };
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return;
    for (const timer of document.querySelectorAll("marimo-refresh")) timer.shadowRoot?.querySelector("button")?.click();
  });
  const name = () => {
    const title = document.querySelector("h1[data-title]")?.textContent;
    const shown = `${title} · Corbi Monitoring`;
    if (title && document.title !== shown) document.title = shown;
  };
  document.addEventListener("DOMContentLoaded", () =>
    new MutationObserver(name).observe(document.body, { childList: true, subtree: true }),
  );
})();

using System.Collections.Concurrent;
using Microsoft.Playwright;

namespace Spillway.EndToEnd.Tests.Demo;

/// <summary>A page, and everything about it that nobody should have to see: errors, violations of its policy, requests to elsewhere.</summary>
internal sealed class WatchedPage : IAsyncDisposable
{
    private readonly IBrowserContext _context;
    private readonly Uri _address;
    private readonly ConcurrentQueue<string> _faults = new();

    private WatchedPage(IBrowserContext context, IPage page, Uri address)
    {
        _context = context;
        _address = address;
        Page = page;
        page.Console += (_, message) => Note(message);
        page.PageError += (_, error) => _faults.Enqueue($"error: {error}");
        page.Request += (_, request) => NoteAddress(request.Url);
    }

    public IPage Page { get; }

    /// <summary>While the hub is away the browser itself reports failed connections to the console.</summary>
    public bool HubMayBeAway { get; set; }

    public static async Task<WatchedPage> OpenAsync(IBrowserContext context, Uri address, bool ownClock)
    {
        var page = await context.NewPageAsync();
        var watched = new WatchedPage(context, page, address);
        await page.AddInitScriptAsync("addEventListener('securitypolicyviolation', e => console.error(`violation of ${e.violatedDirective}: ${e.blockedURI}`))");
        if (ownClock)
        {
            await page.Clock.InstallAsync();
        }

        await page.GotoAsync(address.AbsoluteUri);
        return watched;
    }

    public ILocator Find(string selector) => Page.Locator(selector);

    public void AssertNoFaults() => Assert.Empty(_faults);

    public ValueTask DisposeAsync() => _context.DisposeAsync();

    private void Note(IConsoleMessage message)
    {
        var isConnection = message.Text.Contains("net::ERR_", StringComparison.Ordinal);
        if (message.Type is "error" or "warning" && !(HubMayBeAway && isConnection))
        {
            _faults.Enqueue($"console: {message.Text} ({message.Location})");
        }
    }

    private void NoteAddress(string address)
    {
        if (!_address.IsBaseOf(new Uri(address)))
        {
            _faults.Enqueue($"request: {address}");
        }
    }
}

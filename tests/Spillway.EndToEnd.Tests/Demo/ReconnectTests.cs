using static Microsoft.Playwright.Assertions;

namespace Spillway.EndToEnd.Tests.Demo;

public sealed class ReconnectTests(Browser browser) : IClassFixture<Browser>
{
    [Fact]
    public async Task Page_StreamEnds_BrowserResumesByItselfFromTheLastId()
    {
        await using var hub = await ScriptedHub.StartAsync();
        await using var page = await browser.OpenAsync(hub.Address);
        var first = await hub.AcceptAsync();
        await first.OpenAsync("e-1");
        await first.ReadingAsync("e-2", 1);
        await Expect(page.Find("#missing-note")).ToHaveTextAsync("of 1 readings");

        first.End();
        var second = await hub.AcceptAsync();
        await second.OpenAsync("e-2");
        await second.ReadingAsync("e-3", 2);

        Assert.Equal("e-2", second.LastEventId);
        await Expect(page.Find("#reconnects")).ToHaveTextAsync("1");
        await Expect(page.Find("#missing-note")).ToHaveTextAsync("of 2 readings");
        await Expect(page.Find("#missing")).ToHaveTextAsync("0");
        await Expect(page.Find("#state-text")).ToHaveTextAsync("Live");
        await Expect(page.Find("#journal")).ToContainTextAsync("The connection was lost.");
        page.AssertNoFaults();
    }

    [Fact]
    public async Task Page_Drained_SaysThatTheHubRestartsAndWhenItComesBack()
    {
        await using var hub = await ScriptedHub.StartAsync();
        await using var page = await browser.OpenAsync(hub.Address);
        var stream = await hub.AcceptAsync();
        await stream.OpenAsync("e-1", retry: 60_000);

        await stream.SignalAsync("e-1", "drain", new { reason = "shutdown", retry = 60_000 });
        stream.End();

        await Expect(page.Find("#state-text")).ToHaveTextAsync(new System.Text.RegularExpressions.Regex("^Hub restarting · back in (60|5\\d) s$"));
        await Expect(page.Find("#journal .entry").First).ToContainTextAsync("The hub said that it restarts");
        page.AssertNoFaults();
    }

    [Fact]
    public async Task Page_Refused_TriesAgainByItselfFromItsCursor()
    {
        await using var hub = await ScriptedHub.StartAsync();
        await using var page = await browser.OpenAsync(hub.Address, ownClock: true);
        page.HubMayBeAway = true; // The browser reports the status.
        var first = await hub.AcceptAsync();
        await first.OpenAsync("e-1");
        await first.ReadingAsync("e-2", 1);
        await Expect(page.Find("#missing-note")).ToHaveTextAsync("of 1 readings");

        hub.Refusal = 503;
        first.End();
        await Expect(page.Find("#state-text")).ToContainTextAsync("Refused · back in");
        hub.Refusal = null;
        await page.Page.Clock.FastForwardAsync(10_000);

        var second = await hub.AcceptAsync();
        Assert.EndsWith("&cursor=e-2", second.Query, StringComparison.Ordinal);
        await second.OpenAsync("e-2");
        await Expect(page.Find("#state-text")).ToHaveTextAsync("Live");
        await Expect(page.Find("#reconnects")).ToHaveTextAsync("1");
    }

    [Fact]
    public async Task Page_CutByTheVisitor_ComesBackFromItsCursorAndMissesNothing()
    {
        await using var hub = await ScriptedHub.StartAsync();
        await using var page = await browser.OpenAsync(hub.Address, ownClock: true);
        var first = await hub.AcceptAsync();
        await first.OpenAsync("e-1");
        await first.ReadingAsync("e-2", 1);
        await Expect(page.Find("#missing-note")).ToHaveTextAsync("of 1 readings");

        await page.Find("#cut").ClickAsync();
        await Expect(page.Find("#state-text")).ToContainTextAsync("Cut by you · back in");
        await Expect(page.Find("#cut")).ToHaveTextAsync("Reconnect now");
        await page.Page.Clock.FastForwardAsync(5_000);

        var second = await hub.AcceptAsync();
        Assert.EndsWith("&cursor=e-2", second.Query, StringComparison.Ordinal);
        await second.OpenAsync("e-2");
        await second.ReadingAsync("e-3", 2);
        await second.ReadingAsync("e-4", 3);
        await Expect(page.Find("#missing-note")).ToHaveTextAsync("of 3 readings");
        await Expect(page.Find("#journal .entry").First).ToContainTextAsync("0 readings missing");
        await Expect(page.Find("#cut")).ToHaveTextAsync("Cut my connection");
        page.AssertNoFaults();
    }
}

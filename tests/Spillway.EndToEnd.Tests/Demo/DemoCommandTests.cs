using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Spillway.EndToEnd.Tests.Demo;

public sealed partial class DemoCommandTests(Browser browser) : IClassFixture<Browser>
{
    private static readonly LocatorAssertionsToHaveTextOptions Patiently = new() { Timeout = 30_000 };

    [Theory]
    [InlineData("sse")]
    [InlineData("ws")]
    [InlineData("poll")]
    public async Task Demo_KilledAndStartedAgain_PageGoesOnAndMissesNothing(string transport)
    {
        await using var demo = new DemoProcess();
        await demo.StartAsync();
        await using var page = await browser.OpenAsync(demo.Address);
        await Expect(page.Find("#state-text")).ToHaveTextAsync("Live");
        await Expect(page.Find(".sensor")).ToHaveCountAsync(24);
        await page.Find($"#transport-{transport}").CheckAsync();
        await PageTests.WaitUntilCheckedAsync(page, await CheckedAsync(page) + 200);

        page.HubMayBeAway = true;
        await demo.KillAsync();
        await Expect(page.Find("#state-text")).ToContainTextAsync("Reconnecting");
        var lines = await demo.StartAsync();

        Assert.Contains("24 sensors publish; 24 of them go on where they stopped.", lines);
        await Expect(page.Find("#state-text")).ToHaveTextAsync("Live", Patiently);
        page.HubMayBeAway = false;
        await Expect(page.Find("#reconnects")).ToHaveTextAsync("1");
        await PageTests.WaitUntilCheckedAsync(page, await CheckedAsync(page) + 200);
        await Expect(page.Find("#missing")).ToHaveTextAsync("0");
        await Expect(page.Find("#missing-note")).Not.ToContainTextAsync("twice");
        await Expect(page.Find("#gaps")).ToHaveTextAsync("0");
        await Expect(page.Find("#journal")).ToContainTextAsync("The connection was lost. It comes back by itself.");
        page.AssertNoFaults();
    }

    [Fact]
    public async Task Demo_StartedAgainFresh_PageIsToldThatItsHistoryIsLostAndGoesOn()
    {
        await using var demo = new DemoProcess();
        await demo.StartAsync();
        await using var page = await browser.OpenAsync(demo.Address);
        await PageTests.WaitUntilCheckedAsync(page, 100);

        page.HubMayBeAway = true;
        await demo.KillAsync();
        var lines = await demo.StartAsync("--fresh");

        Assert.Contains("24 sensors publish; a new history.", lines);
        await Expect(page.Find("#gaps")).ToHaveTextAsync("1", Patiently);
        page.HubMayBeAway = false;
        await Expect(page.Find("#journal")).ToContainTextAsync("the cursor belongs to a history that the hub no longer has.");
        await PageTests.WaitUntilCheckedAsync(page, await CheckedAsync(page) + 100);
        await Expect(page.Find("#missing")).ToHaveTextAsync("0");
        await Expect(page.Find("#missing-note")).Not.ToContainTextAsync("twice");
        page.AssertNoFaults();
    }

    [Fact]
    public async Task Demo_Terminated_EndsStreamsProperlyAndWithoutAnError()
    {
        await using var demo = new DemoProcess();
        await demo.StartAsync();
        await using var page = await browser.OpenAsync(demo.Address);
        await Expect(page.Find("#state-text")).ToHaveTextAsync("Live");

        page.HubMayBeAway = true;
        var exitCode = await demo.TerminateAsync();

        Assert.Equal(0, exitCode);
        await Expect(page.Find("#state-text")).ToContainTextAsync("Hub restarting");
        page.AssertNoFaults();
    }

    [Fact]
    public async Task Demo_ConnectionCut_ReplayFillsWhatWasMissed()
    {
        await using var demo = new DemoProcess();
        await demo.StartAsync();
        await using var page = await browser.OpenAsync(demo.Address);
        await PageTests.WaitUntilCheckedAsync(page, 50);

        await page.Find("#cut").ClickAsync();
        await Expect(page.Find("#state-text")).ToContainTextAsync("Cut by you");
        await Expect(page.Find("#state-text")).ToHaveTextAsync("Live", Patiently);

        await PageTests.WaitUntilCheckedAsync(page, await CheckedAsync(page) + 100);
        await Expect(page.Find("#missing")).ToHaveTextAsync("0");
        await Expect(page.Find("#gaps")).ToHaveTextAsync("0");
        await Expect(page.Find("#journal .entry").First).ToContainTextAsync(
            new Regex("^..:..:..Connected again after [5-9]\\.\\d s: [1-9]\\d+ events replayed, 0 readings missing\\.$"));
        page.AssertNoFaults();
    }

    [Fact]
    public async Task Demo_LinesThatItPrints_Work()
    {
        await using var demo = new DemoProcess();
        var lines = await demo.StartAsync();
        var typed = lines.Where(line => line.StartsWith("  ", StringComparison.Ordinal)).Select(static line => line.Trim()).ToArray();
        string[] Find(string part) => [.. typed.Where(line => line.Contains(part, StringComparison.Ordinal))];

        var followers = Find("alerts/**").Select(line => new FollowedCommand(line)).ToArray();
        try
        {
            foreach (var (follower, line) in followers.Zip(Find("alerts/**")))
            {
                await follower.ReadUntilAsync(line.StartsWith("curl", StringComparison.Ordinal) ? "event: spillway-open" : "connected to");
            }

            foreach (var publish in Find("Visitor at the gate"))
            {
                using var publisher = new FollowedCommand(publish);
                await publisher.ReadUntilAsync("accepted");
            }

            foreach (var follower in followers)
            {
                await follower.ReadUntilAsync("Visitor at the gate");
            }

            foreach (var snapshot in Find("snapshot"))
            {
                using var reader = new FollowedCommand(snapshot);
                await reader.ReadUntilAsync("plant/west/");
            }

            using var metrics = new FollowedCommand(Assert.Single(Find("/metrics")));
            await metrics.ReadUntilAsync("# TYPE spillway_");
            using var status = new FollowedCommand(Assert.Single(Find(" status")));
            await status.ReadUntilAsync("connections");
        }
        finally
        {
            Array.ForEach(followers, follower => follower.Dispose());
        }

        Assert.Equal(10, typed.Length);
        Assert.Equal(4, followers.Length);
    }

    [Fact]
    public async Task Demo_Page_FitsEitherWidthInEitherScheme()
    {
        await using var demo = new DemoProcess();
        await demo.StartAsync();
        foreach (var (width, scheme) in ((int, ColorScheme)[])[(1280, ColorScheme.Light), (1280, ColorScheme.Dark), (375, ColorScheme.Light), (375, ColorScheme.Dark)])
        {
            await using var page = await browser.OpenAsync(demo.Address, width, scheme);
            await Expect(page.Find(".sensor")).ToHaveCountAsync(24);

            await PageTests.AssertNoHorizontalScrollAsync(page);
            await Screenshots.TakeAsync(page, width, scheme);
            page.AssertNoFaults();
        }
    }

    /// <summary>How many readings the page has checked; none yet is no text.</summary>
    private static async Task<int> CheckedAsync(WatchedPage page)
        => NotDigits().Replace(await page.Find("#missing-note").TextContentAsync() ?? "", "") is { Length: > 0 } digits ? int.Parse(digits, CultureInfo.InvariantCulture) : 0;

    [GeneratedRegex("\\D")]
    private static partial Regex NotDigits();
}

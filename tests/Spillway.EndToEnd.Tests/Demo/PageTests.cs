using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Spillway.EndToEnd.Tests.Demo;

public sealed class PageTests(Browser browser) : IClassFixture<Browser>
{
    [Fact]
    public async Task Page_Readings_StandBySiteAndMachineWithTheirUnit()
    {
        await using var hub = await ScriptedHub.StartAsync();
        await using var page = await browser.OpenAsync(hub.Address);
        var stream = await hub.AcceptAsync();

        await stream.OpenAsync("e-1");
        await stream.ReadingAsync("e-2", 1, 71.5);
        await stream.ReadingAsync("e-3", 1, 64.25, topic: "plant/east/pump-10/pressure");
        await stream.ReadingAsync("e-4", 1, 64.25, topic: "plant/east/pump-9/pressure");

        await Expect(page.Find("#state-text")).ToHaveTextAsync("Live");
        await Expect(page.Find(".site caption")).ToHaveTextAsync(["East", "North"]);
        await Expect(page.Find(".machine")).ToHaveTextAsync(["Pump 9", "Pump 10", "Press 1"]);
        await Expect(page.Find(".sensor").Last).ToContainTextAsync("Temperature71.5 °C");
        await Expect(page.Find("#cursor")).ToHaveTextAsync("e-4");
        Assert.Equal("?pattern=plant/**&pattern=alerts/**&format=json&last=4500", stream.Query);
        page.AssertNoFaults();
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/demo/main.js")]
    [InlineData("/demo/base.css")]
    [InlineData("/demo/icon.svg")]
    public async Task Page_AnyFile_MayUseNothingButItsOwnOrigin(string path)
    {
        await using var hub = await ScriptedHub.StartAsync();
        using var client = new HttpClient();

        using var response = await client.GetAsync(new Uri(hub.Address, path), TestContext.Current.CancellationToken);

        var policy = Assert.Single(response.EnsureSuccessStatusCode().Headers.GetValues("Content-Security-Policy"))
            .Split("; ").Select(static directive => directive.Split(' ')).ToDictionary(static words => words[0], static words => words[1..]);
        Assert.All(["default-src", "base-uri", "form-action", "frame-ancestors", "trusted-types"], name => Assert.Equal(["'none'"], policy[name]));
        Assert.Equal(["'script'"], policy["require-trusted-types-for"]);
        Assert.All(policy.SelectMany(static directive => directive.Value), static source => Assert.Contains(source, (string[])["'none'", "'self'", "'script'"]));
        Assert.Equal(["nosniff"], response.Headers.GetValues("X-Content-Type-Options"));
    }

    [Fact]
    public async Task Page_NumbersWithAHoleAndARepeat_CountsWhatIsMissingAndWhatCameTwice()
    {
        await using var hub = await ScriptedHub.StartAsync();
        await using var page = await browser.OpenAsync(hub.Address);
        var stream = await hub.AcceptAsync();

        await stream.OpenAsync("e-1");
        foreach (var sequence in (int[])[7, 8, 8, 12])
        {
            await stream.ReadingAsync($"e-{sequence}", sequence);
        }

        await Expect(page.Find("#missing")).ToHaveTextAsync("3");
        await Expect(page.Find("#missing-note")).ToHaveTextAsync("3 not told, 1 twice");
        await Expect(page.Find("#missing-figure")).ToHaveClassAsync("bad");
    }

    [Fact]
    public async Task Page_NewRun_BeginsToCountAnewFromOne()
    {
        await using var hub = await ScriptedHub.StartAsync();
        await using var page = await browser.OpenAsync(hub.Address);
        var stream = await hub.AcceptAsync();

        await stream.OpenAsync("e-1");
        await stream.ReadingAsync("e-2", 500);
        await stream.ReadingAsync("f-1", 1, run: "0000000b");
        await stream.ReadingAsync("f-2", 2, run: "0000000b");

        await Expect(page.Find("#missing-note")).ToHaveTextAsync("of 3 readings");
        await Expect(page.Find("#missing")).ToHaveTextAsync("0");
    }

    [Fact]
    public async Task Page_Gap_IsToldWithCountAndReason()
    {
        await using var hub = await ScriptedHub.StartAsync();
        await using var page = await browser.OpenAsync(hub.Address);
        var stream = await hub.AcceptAsync();

        await stream.OpenAsync("e-1");
        await stream.ReadingAsync("e-2", 1);
        await stream.SignalAsync("e-2", "gap", new { from = "e-2", to = "e-5", reason = "overflow", count = 3, exact = true });
        await stream.ReadingAsync("e-6", 5);

        await Expect(page.Find("#gaps")).ToHaveTextAsync("1");
        await Expect(page.Find("#gaps-note")).ToHaveTextAsync("3 events not delivered");
        await Expect(page.Find("#journal .entry.bad")).ToContainTextAsync("Gap: 3 events not delivered; this connection was too slow.");
        await Expect(page.Find("#missing-note")).ToHaveTextAsync("all told as gaps");
        page.AssertNoFaults();
    }

    [Fact]
    public async Task Page_GapWithoutCount_SaysThatItIsNotKnown()
    {
        await using var hub = await ScriptedHub.StartAsync();
        await using var page = await browser.OpenAsync(hub.Address);
        var stream = await hub.AcceptAsync();

        await stream.OpenAsync("e-1");
        await stream.SignalAsync("e-1", "gap", new { from = "old-1", to = "e-1", reason = "lost" });

        await Expect(page.Find("#journal .entry.bad")).ToContainTextAsync(
            "Gap: an unknown number of events not delivered; the cursor belongs to a history that the hub no longer has.");
    }

    [Fact]
    public async Task Page_AlertOfASensor_IsOneRowFromBeginningToEnd()
    {
        await using var hub = await ScriptedHub.StartAsync();
        await using var page = await browser.OpenAsync(hub.Address);
        var stream = await hub.AcceptAsync();
        await stream.OpenAsync("e-1");
        await Expect(page.Find("#state-text")).ToHaveTextAsync("Live"); // What was measured before is history, which is not announced.

        await stream.ReadingAsync("e-2", 1, 92.4);
        await stream.AlertAsync("e-3", "raised", 92.4);

        await Expect(page.Find(".alert.active")).ToContainTextAsync("North · 92.4 °C, limit 90");
        await Expect(page.Find("#alerts-count")).ToHaveTextAsync("1 active");
        await Expect(page.Find(".sensor.hot .mark")).ToBeVisibleAsync();
        await Expect(page.Find("#announce")).ToHaveTextAsync("Alert: Press 1 temperature, North, 92.4 °C, limit 90.");

        await stream.ReadingAsync("e-4", 2, 83);
        await stream.AlertAsync("e-5", "cleared", 95);

        await Expect(page.Find(".alert")).ToHaveCountAsync(1);
        await Expect(page.Find(".alert:not(.active)")).ToContainTextAsync("peak 95.0 °C");
        await Expect(page.Find("#alerts-count")).ToHaveTextAsync("none active");
        await Expect(page.Find(".sensor.hot")).ToHaveCountAsync(0);
        page.AssertNoFaults();
    }

    [Fact]
    public async Task Page_MarkupAndNonsenseInEvents_IsShownAsTextAndBreaksNothing()
    {
        const string markup = "<img src=x onerror=alert(1)><b>gate</b>";
        await using var hub = await ScriptedHub.StartAsync();
        await using var page = await browser.OpenAsync(hub.Address, width: 375);
        var stream = await hub.AcceptAsync();

        await stream.OpenAsync("e-1");
        await stream.EventAsync("e-2", "alert", "alerts/north", markup);
        await stream.EventAsync("e-3", "alert", "alerts/" + new string('x', 300), new string('y', 2_000));
        await stream.EventAsync("e-4", "alert", "alerts/north", new { sensor = 5, state = "raised", value = "9" });
        await stream.EventAsync("e-5", "reading", "plant", new { value = 5 });
        await stream.EventAsync("e-6", "reading", "plant/a/b/c", new { value = "5", seq = -1, run = 7 });
        await stream.EventAsync("e-6a", "reading", "plant/a/b/d", new { value = 1e300 });
        await stream.EventAsync("e-7", "reading", $"plant/{markup}/{markup.Replace('/', ' ')}/{new string('z', 200)}", new { value = -999_999_999.125, limit = 1e-9, unit = markup });
        await stream.ReadingAsync("e-8", 1, 70);

        await Expect(page.Find(".sensor")).ToHaveCountAsync(2);
        await Expect(page.Find("#cursor")).ToHaveTextAsync("e-8");
        await Expect(page.Find(".alert-title")).ToContainTextAsync(["\"sensor\":5", "yyy", markup]);
        Assert.Equal(0, await page.Find("main img, main b").CountAsync());
        await AssertNoHorizontalScrollAsync(page);
        page.AssertNoFaults();
    }

    [Fact]
    public async Task Page_PausedThenGoesOn_ShowsWhatCameMeanwhile()
    {
        await using var hub = await ScriptedHub.StartAsync();
        await using var page = await browser.OpenAsync(hub.Address);
        var stream = await hub.AcceptAsync();
        await stream.OpenAsync("e-1");
        await stream.ReadingAsync("e-2", 1, 70);
        await Expect(page.Find(".number")).ToHaveTextAsync("70");

        await page.Find("#pause").ClickAsync();
        await stream.ReadingAsync("e-3", 2, 75);
        await stream.EventAsync("e-4", "alert", "alerts/north", "while you were away");

        await Expect(page.Find("#pause")).ToHaveTextAsync("Go on · 2 waiting");
        await Expect(page.Find(".number")).ToHaveTextAsync("70");
        await Expect(page.Find(".alert")).ToHaveCountAsync(0);
        await Expect(page.Find("#cursor")).ToHaveTextAsync("e-4");

        await page.Find("#pause").ClickAsync();

        await Expect(page.Find(".number")).ToHaveTextAsync("75");
        await Expect(page.Find(".alert-title")).ToHaveTextAsync("while you were away");
        page.AssertNoFaults();
    }

    [Theory]
    [InlineData(375)]
    [InlineData(1280)]
    public async Task Page_EitherWidth_HasNoHorizontalScroll(int width)
    {
        await using var hub = await ScriptedHub.StartAsync();
        await using var page = await browser.OpenAsync(hub.Address, width);
        await FillAsync(hub, page);

        await AssertNoHorizontalScrollAsync(page);
    }

    [Theory]
    [InlineData(ColorScheme.Light, 375)]
    [InlineData(ColorScheme.Dark, 1280)]
    public async Task Page_EveryText_HasAContrastOfFourAndAHalf(ColorScheme scheme, int width)
    {
        await using var hub = await ScriptedHub.StartAsync();
        await using var page = await browser.OpenAsync(hub.Address, width, scheme);
        await FillAsync(hub, page);
        await page.Find("#pause").ClickAsync();

        var weak = await page.Page.EvaluateAsync<string[]>(Contrast.Script);

        Assert.Empty(weak);
    }

    [Fact]
    public async Task Page_ByKeyboard_ReachesEveryButton()
    {
        await using var hub = await ScriptedHub.StartAsync();
        await using var page = await browser.OpenAsync(hub.Address);
        await FillAsync(hub, page);

        List<string> reached = [];
        for (var presses = 0; presses < 12; presses++)
        {
            await page.Page.Keyboard.PressAsync("Tab");
            reached.Add(await page.Page.EvaluateAsync<string>("document.activeElement.id || document.activeElement.className"));
        }

        Assert.Equal(["skip", "cut", "pause", "transport-sse", "alerts-more", "journal"], reached.Take(6)); // The arrow keys go on to the other transports.
    }

    internal static async Task AssertNoHorizontalScrollAsync(WatchedPage page)
    {
        var widths = await page.Page.EvaluateAsync<int[]>("[document.documentElement.scrollWidth, innerWidth]");
        Assert.Equal(widths[1], widths[0]);
    }

    /// <summary>Returns once the page has checked so many readings.</summary>
    internal static async Task WaitUntilCheckedAsync(WatchedPage page, int count)
        => await page.Page.WaitForFunctionAsync(
            "count => Number(document.getElementById('missing-note').textContent.replace(/\\D/g, '')) >= count", count, new PageWaitForFunctionOptions { Timeout = 150_000 });

    private static async Task FillAsync(ScriptedHub hub, WatchedPage page)
    {
        var stream = await hub.AcceptAsync();
        await stream.OpenAsync("e-1");
        await stream.ReadingAsync("e-2", 1, 70, topic: "plant/south/mill-7/vibration");
        await stream.ReadingAsync("e-3", 1, 92);
        await stream.AlertAsync("e-4", "raised", 92);
        for (var number = 0; number < 7; number++)
        {
            await stream.EventAsync($"e-5{number}", "alert", "alerts/north", $"Visitor {number} at the gate");
        }

        await stream.SignalAsync("e-6", "gap", new { from = "e-6", to = "e-7", reason = "retention", count = 12_345, exact = false });
        await stream.ReadingAsync("1g5k2p9q7f3a-4x9k2", 900, 92);
        await Expect(page.Find("#cursor")).ToHaveTextAsync("1g5k2p9q7f3a-4x9k2");
        await Expect(page.Find(".alert:visible")).ToHaveCountAsync(6);
    }
}

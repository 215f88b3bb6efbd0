using System.Globalization;
using Microsoft.Playwright;
using Spillway.Client;
using static Microsoft.Playwright.Assertions;

namespace Spillway.EndToEnd.Tests.Demo;

/// <summary>The page goes over from one transport to another while events come.</summary>
public sealed class TransportSwitchTests(Browser browser) : IClassFixture<Browser>
{
    private const string OpenProbe = """
        async () => {
          const { Stream } = await import('/demo/stream.js');
          window.probe = { ids: [], texts: [], signals: [], opens: 0 };
          window.probeStream = new Stream({
            address: '/events?pattern=probe/**&format=json', start: 'last=1', types: ['message'],
            changed: state => probe.opens += state.name === 'live' ? 1 : 0,
            heard: event => {
              if (event.type === 'message') {
                probe.ids.push(event.id);
                probe.texts.push(event.data.payload);
              } else if (!['spillway-open', 'spillway-cursor', 'spillway-retry'].includes(event.type)) {
                probe.signals.push(event.type);
              }
            },
          });
          probeStream.open();
        }
        """;

    private static readonly string[] Switches = ["ws", "poll", "sse", "poll", "ws", "sse", "ws", "poll", "ws", "sse"];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>The page's own stream, in Chromium, on topics of which every id is known.</summary>
    [Fact]
    public async Task Use_OtherTransportWhileEventsCome_EveryIdOnceAndInOrder()
    {
        await using var demo = new DemoProcess();
        await demo.StartAsync();
        await using var page = await browser.OpenAsync(demo.Address);
        await page.Page.EvaluateAsync(OpenProbe);
        await WaitAsync(page, "() => probe.opens === 1");

        using var client = new SpillwayClient(demo.Address);
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var publishing = PublishAsync(client, enough.Token);
        var opens = 1;
        foreach (var transport in Switches)
        {
            await WaitAsync(page, "count => probe.ids.length > count", await CountAsync(page) + 5);
            await page.Page.EvaluateAsync("transport => probeStream.use(transport)", transport);
            if (opens % 3 != 0) // Every third one is overtaken by the next.
            {
                await WaitAsync(page, "transport => probeStream.state.name === 'live' && probeStream.transport === transport", transport);
            }

            opens++;
        }

        await enough.CancelAsync();
        var published = await publishing;
        await WaitAsync(page, "count => probe.ids.length >= count", published);

        var ids = await page.Page.EvaluateAsync<string[]>("probe.ids");
        Assert.Equal(await ReadAsync(client, published), ids);
        Assert.Equal(Enumerable.Range(0, published).Select(static number => number.ToString(CultureInfo.InvariantCulture)), await page.Page.EvaluateAsync<string[]>("probe.texts"));
        Assert.Empty(await page.Page.EvaluateAsync<string[]>("probe.signals"));
        page.AssertNoFaults();
    }

    /// <summary>As a visitor does it, by the page's own check of every sensor's numbers.</summary>
    [Fact]
    public async Task Page_VisitorChoosesTransports_MissesAndRepeatsNoReading()
    {
        await using var demo = new DemoProcess();
        await demo.StartAsync("--rate", "400");
        await using var page = await browser.OpenAsync(demo.Address);
        await PageTests.WaitUntilCheckedAsync(page, 100);

        foreach (var (transport, name) in ((string, string)[])[("ws", "WebSocket"), ("poll", "long polling"), ("sse", "Server-Sent Events"), ("poll", "long polling"), ("ws", "WebSocket")])
        {
            await page.Find($"#transport-{transport}").CheckAsync();

            await Expect(page.Find("#journal .entry").First).ToContainTextAsync($"Switched to {name}: ");
            await Expect(page.Find("#state-text")).ToHaveTextAsync("Live");
            await PageTests.WaitUntilCheckedAsync(page, await CheckedAsync(page) + 400);
        }

        await Expect(page.Find("#missing")).ToHaveTextAsync("0");
        await Expect(page.Find("#missing-note")).Not.ToContainTextAsync("twice");
        await Expect(page.Find("#gaps")).ToHaveTextAsync("0");
        await Expect(page.Find("#reconnects")).ToHaveTextAsync("0");
        page.AssertNoFaults();
    }

    /// <summary>Publishes numbers until it is cancelled, and returns how many.</summary>
    private static async Task<int> PublishAsync(SpillwayClient client, CancellationToken enough)
    {
        var number = 0;
        while (!enough.IsCancellationRequested)
        {
            var events = Enumerable.Range(number, 3).Select(static one => new OutgoingEvent { Topic = $"probe/{one % 4}", Text = one.ToString(CultureInfo.InvariantCulture) });
            await client.PublishAsync([.. events], Stop);
            number += 3;
        }

        return number;
    }

    /// <summary>The ids as a subscriber reads them that never changed its transport.</summary>
    private static async Task<List<string>> ReadAsync(SpillwayClient client, int count)
    {
        var ids = new List<string>();
        await foreach (var item in client.SubscribeAsync(new SubscribeOptions { Patterns = ["probe/**"], Start = StartingPoint.Earliest }, Stop))
        {
            if (item is ReceivedEvent received)
            {
                ids.Add(received.Cursor);
            }

            if (ids.Count == count)
            {
                break;
            }
        }

        return ids;
    }

    private static Task<int> CountAsync(WatchedPage page) => page.Page.EvaluateAsync<int>("probe.ids.length");

    private static async Task<int> CheckedAsync(WatchedPage page) =>
        int.Parse(new string([.. (await page.Find("#missing-note").TextContentAsync() ?? "").Where(char.IsAsciiDigit)]), CultureInfo.InvariantCulture);

    private static async Task WaitAsync(WatchedPage page, string condition, object? argument = null) =>
        await page.Page.WaitForFunctionAsync(condition, argument, new PageWaitForFunctionOptions { Timeout = 60_000 });
}

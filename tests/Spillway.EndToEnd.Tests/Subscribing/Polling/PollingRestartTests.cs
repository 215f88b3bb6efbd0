using System.Globalization;
using System.Text;
using Spillway.EndToEnd.Tests.Cli;

namespace Spillway.EndToEnd.Tests.Subscribing.Polling;

/// <summary>Polls go on where they were, also when the server is killed between two of them, or during one.</summary>
public sealed class PollingRestartTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60); // Real time: only a test that fails waits so long.

    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("spillway-test-");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _data.Delete(recursive: true);

    [Fact]
    public async Task Poll_ServerKilledBetweenPolls_MissesAndRepeatsNothing()
    {
        const int Kills = 4;
        var (seen, cursor, number) = (new List<int>(), "", 0);
        var hub = await ServeAsync("http://127.0.0.1:0");
        try
        {
            for (var round = 0; round <= Kills; round++)
            {
                using var client = new HttpClient { BaseAddress = new Uri(hub.Url), Timeout = Patience };
                for (var i = 0; i < 5; i++)
                {
                    await PublishAsync(client, number++);
                }

                // The first polls of a round take some, and some wait for the next process.
                for (var polls = 0; polls < 2; polls++)
                {
                    var start = cursor.Length == 0 ? "earliest" : $"cursor={cursor}";
                    var answer = await PollAnswer.GetAsync(client, $"/events?topic=a&max=2&{start}");
                    seen.AddRange(answer.Payloads.Select(static payload => int.Parse(payload, CultureInfo.InvariantCulture)));
                    cursor = answer.Cursor;
                    Assert.Empty(answer.Signals);
                }

                await hub.Process.CrashAsync();
                await hub.Process.DisposeAsync();
                hub = await ServeAsync(hub.Url);
            }

            using var last = new HttpClient { BaseAddress = new Uri(hub.Url), Timeout = Patience };
            var rest = await PollAnswer.GetAsync(last, $"/events?topic=a&cursor={cursor}");
            seen.AddRange(rest.Payloads.Select(static payload => int.Parse(payload, CultureInfo.InvariantCulture)));

            Assert.Equal(Enumerable.Range(0, number), seen);
        }
        finally
        {
            await hub.Process.DisposeAsync();
        }
    }

    private static async Task PublishAsync(HttpClient client, int number)
    {
        using var content = new StringContent(number.ToString(CultureInfo.InvariantCulture), Encoding.UTF8, "text/plain");
        using var response = await client.PostAsync("/topics/a", content, Token);
        response.EnsureSuccessStatusCode();
    }

    private async Task<(CommandProcess Process, string Url)> ServeAsync(string url) =>
        await CommandProcess.ServeAsync("--urls", url, "--data", _data.FullName).WaitAsync(Patience, Token);
}

using System.Net.Http.Headers;
using Spillway.EndToEnd.Tests.Cli;

namespace Spillway.EndToEnd.Tests.Mercure;

/// <summary>A Mercure hub that is a process of its own, with a shared key: it can be killed, and started again where it was.</summary>
internal sealed class MercureProcess : IAsyncDisposable
{
    private const string Key = "!ChangeThisMercureHubJWTSecretKey!";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60); // Real time, for a hub that starts: only a test that fails waits so long.

    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("spillway-test-");
    private readonly HttpClient _client = new();
    private CommandProcess? _process;

    /// <summary>Its address.</summary>
    public string Url { get; private set; } = "http://127.0.0.1:0";

    public string Hub => Url + MercureHub.Path;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <param name="settings">The section Spillway, in JSON.</param>
    public static async Task<MercureProcess> StartAsync(string settings)
    {
        var hub = new MercureProcess();
        await File.WriteAllTextAsync(hub.Settings, $$"""{"Spillway":{{settings}}}""", Stop);
        await hub.ServeAsync();
        return hub;
    }

    /// <summary>Kills it, and starts it again at the same address with the same history.</summary>
    public async Task KillAndServeAsync()
    {
        await _process!.CrashAsync();
        await _process.DisposeAsync();
        await ServeAsync();
    }

    /// <summary>Publishes, and says the id that the hub answered.</summary>
    public Task<string> PublishAsync(params (string Name, string Value)[] fields) => PostAsync(Hub, MercureHub.Classic(publish: ["*"]), new FormUrlEncodedContent(fields.Select(static field => KeyValuePair.Create(field.Name, field.Value))));

    /// <summary>Posts, and says the answer, which has to be a good one.</summary>
    public async Task<string> PostAsync(string url, string token, HttpContent? content = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = content };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var response = await _client.SendAsync(request, Stop);
        var answer = await response.Content.ReadAsStringAsync(Stop);
        Assert.True(response.IsSuccessStatusCode, answer);
        return answer;
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }

        _client.Dispose();
        _data.Delete(recursive: true);
    }

    private string Settings => Path.Combine(_data.FullName, "settings.json");

    private async Task ServeAsync() =>
        (_process, Url) = await CommandProcess.ServeAsync("--urls", Url, "--data", Path.Combine(_data.FullName, "history"), "--config", Settings, "--mercure-key", Key).WaitAsync(Patience, Stop);
}

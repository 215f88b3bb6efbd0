using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;

namespace Spillway.EndToEnd.Tests.Cli;

/// <summary>A hub as a process takes changed access over, and goes on serving.</summary>
public sealed class AccessReloadTests : IDisposable
{
    private const string Old = "spk_0000000000000000000000000000000old";
    private const string New = "spk_0000000000000000000000000000000new";

    private readonly string _file = Path.GetTempFileName();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => File.Delete(_file);

    [Fact]
    public async Task Serve_KeysInTheFileChange_LetsTheNewOneInAndTheOldOneNoMore()
    {
        await WriteAsync(Settings(Old));
        await using var hub = CommandProcess.Start("serve", "--urls", "http://127.0.0.1:0", "--config", _file);
        const string Ready = "listening on ";
        var url = (await hub.Out.WaitForAsync(Ready, Stop))[Ready.Length..];
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.Unauthorized), (await AskAsync(url, Old), await AskAsync(url, New)));
        using var subscriber = Client(Old);
        using var stream = await subscriber.GetAsync(new Uri(url + "/events?topic=a"), HttpCompletionOption.ResponseHeadersRead, Stop);

        await WriteAsync(Settings(New));
        await hub.Error.WaitForAsync("Changed access is in force; there are 0 issuers", Stop);
        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.OK), (await AskAsync(url, Old), await AskAsync(url, New)));

        Assert.Contains("revoked", await stream.Content.ReadAsStringAsync(Stop).WaitAsync(TimeSpan.FromSeconds(30), Stop), StringComparison.Ordinal); // It ended with its key.

        await WriteAsync(Settings("")); // Its hash is none.
        await hub.SignalAsync("HUP");
        await hub.Error.WaitForAsync("The changed configuration is refused", Stop);
        await WriteAsync(Settings(New, "open"));
        await hub.SignalAsync("HUP");
        await hub.Error.WaitForAsync("not in force before a restart: Spillway:Access:Mode", Stop);

        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.OK), (await AskAsync(url, Old), await AskAsync(url, New)));
        Assert.DoesNotContain(Old, hub.Error.ToString(), StringComparison.Ordinal);
        await hub.SignalAsync("TERM");
        Assert.Equal(0, await hub.ExitAsync());
    }

    private static string Settings(string key, string mode = "tokens")
    {
        var hash = key.Length == 0 ? "none" : Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(key)));
        return $$"""{ "Spillway": { "Access": { "Mode": "{{mode}}", "ApiKeys": [ { "Id": "ops", "Sha256": "{{hash}}", "Admin": true, "Subscribe": ["a"] } ] } } }""";
    }

    private static HttpClient Client(string key)
    {
        var http = new HttpClient();
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        return http;
    }

    private static async Task<HttpStatusCode> AskAsync(string url, string key)
    {
        using var http = Client(key);
        using var answer = await http.GetAsync(new Uri(url + "/admin/status"), Stop);
        return answer.StatusCode;
    }

    /// <summary>Whole, under another name first: as a reader may see it, a file is written in one step.</summary>
    private async Task WriteAsync(string text)
    {
        await File.WriteAllTextAsync(_file + ".new", text, Stop);
        File.Move(_file + ".new", _file, overwrite: true);
    }
}

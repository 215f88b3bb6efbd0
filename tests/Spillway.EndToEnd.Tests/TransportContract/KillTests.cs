using System.Net;
using System.Security.Cryptography.X509Certificates;
using Spillway.EndToEnd.Tests.Cli;
using Spillway.EndToEnd.Tests.Subscribing;

namespace Spillway.EndToEnd.Tests.TransportContract;

/// <summary>A hub whose process dies and comes back: one for all transports, since a process takes its time.</summary>
public sealed class KillTests : IDisposable
{
    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("spillway-test-");
    private readonly X509Certificate2 _certificate = HubServer.CreateCertificate();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Kill_AllTransportsConnected_EachResumesWithoutLossOrRepeat()
    {
        await File.WriteAllBytesAsync(PathOf("hub.pfx"), _certificate.Export(X509ContentType.Pfx), Token);
        await File.WriteAllTextAsync(PathOf("hub.json"), $$"""{ "Spillway": { "Tls": { "Certificate": "{{PathOf("hub.pfx")}}" } } }""", Token);
        var (process, hub) = await ServeAsync("http://127.0.0.1:0", "https://127.0.0.1:0");
        try
        {
            using var publisher = new HttpClient { BaseAddress = hub.Plain };
            var subscribers = await Task.WhenAll(TransportCase.All.Select(@case => TransportSubscriber.OpenAsync(hub, @case, "topic=a")));
            await PublishAsync(publisher, "1", "2", "3");
            foreach (var subscriber in subscribers)
            {
                Assert.Equal(["1", "2"], await subscriber.NextTextsAsync(2));
            }

            await process.CrashAsync();
            await process.DisposeAsync();
            Array.ForEach(subscribers, static subscriber => subscriber.Cut());
            (process, hub) = await ServeAsync(hub.Plain.OriginalString, hub.Secure.OriginalString);
            await PublishAsync(publisher, "4");

            foreach (var (@case, before) in TransportCase.All.Zip(subscribers))
            {
                await using var subscriber = await TransportSubscriber.OpenAsync(hub, @case, $"topic=a&cursor={before.Position}");
                Assert.Equal(["3", "4"], await subscriber.NextTextsAsync(2));
            }
        }
        finally
        {
            await process.DisposeAsync();
        }
    }

    public void Dispose()
    {
        _certificate.Dispose();
        _data.Delete(recursive: true);
    }

    private static async Task PublishAsync(HttpClient publisher, params string[] texts)
    {
        foreach (var text in texts)
        {
            using var content = new StringContent(text);
            using var response = await publisher.PostAsync(new Uri("/topics/a", UriKind.Relative), content, Token);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }
    }

    private string PathOf(string name) => Path.Combine(_data.FullName, name);

    private async Task<(CommandProcess Process, HubAddress Hub)> ServeAsync(string plain, string secure)
    {
        const string Ready = "listening on ";
        var (process, first) = await CommandProcess.ServeAsync("--urls", plain, "--urls", secure, "--data", PathOf("data"), "--config", PathOf("hub.json"));
        var second = await process.Out.WaitForAsync(Ready + "https:", Token);
        return (process, new HubAddress(new Uri(first), new Uri(second[Ready.Length..]), _certificate.GetCertHashString()));
    }
}

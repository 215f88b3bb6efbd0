using System.Globalization;
using System.Text;

namespace Spillway.EndToEnd.Tests.Publishing;

/// <summary>Requests that are cut, and requests of random bytes: nothing comes in by halves, and the hub is never at fault.</summary>
public sealed class BrokenRequestTests : IAsyncLifetime
{
    private PublishHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await PublishHost.StartAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task PostEvents_JsonCutAtEveryByte_IsNotJson()
    {
        var body = Encoding.UTF8.GetBytes("""[{"topic":"a","payload":{"x":"é😀"}},{"topic":"b","alternates":["c"],"ttl":1.5,"private":true}]""");

        for (var length = 0; length < body.Length; length++)
        {
            var response = await _host.PostAsync("/events", body[..length], "application/json");

            Assert.True((400, "invalid-json") == (response.Status, response.Problem), $"{length} bytes: {response}");
        }

        Assert.Empty(_host.Sink.Records);
    }

    [Theory]
    [InlineData("/hub/events", "Content-Type: application/json")]
    [InlineData("/hub/topics/a", "Content-Type: text/plain")]
    public async Task Post_ConnectionLostAtEveryByte_PublishesNothing(string path, string contentType)
    {
        var body = Encoding.UTF8.GetBytes("""{"topic":"a","payload":"text"}""");
        for (var cut = 0; cut < body.Length; cut++)
        {
            await using var request = await RawRequest.ConnectAsync(_host.Address);
            await request.SendHeadAsync($"POST {path} HTTP/1.1", contentType, $"Content-Length: {body.Length}");
            await request.SendAsync(body[..cut]);
            request.Cut();
            await _host.WaitForRequestEndAsync();
        }

        Assert.Empty(_host.Sink.Records);
    }

    [Theory]
    [InlineData("application/json", 1)]
    [InlineData("application/x-ndjson", 2)]
    public async Task PostEvents_RandomBytes_AreNeverTheHubsFault(string contentType, int seed)
    {
        var random = new Random(seed);
        var sample = Encoding.UTF8.GetBytes(
            """{"topic":"a/b","alternates":["c"],"type":"t","payload":{"x":[1,"\ud83d\ude00"]},"contentType":"a/b","key":"k","priority":"low","ttl":"5s","private":true,"id":"i","traceparent":"x"}""" + "\n");
        for (var i = 0; i < 1_500; i++)
        {
            var body = new byte[random.Next(300)];
            if (i % 3 == 0)
            {
                random.NextBytes(body);
            }
            else
            {
                body = Mutate(random, i % 3 == 1 ? sample : [.. sample, .. sample, .. sample]);
            }

            var response = await _host.PostAsync("/events", body, contentType);

            Assert.True(response.Status < 500, $"{Convert.ToBase64String(body)}: {response}");
        }
    }

    [Fact]
    public async Task PostTopic_RandomPathsAndHeaders_AreNeverTheHubsFault()
    {
        var random = new Random(3);
        string[] names = ["Spillway-Type", "Spillway-Ttl", "Spillway-Alternate", "Idempotency-Key", "Content-Type", "traceparent", "Content-Encoding", "Spillway-Priority"];
        for (var i = 0; i < 500; i++)
        {
            var path = new StringBuilder("/hub/topics/");
            for (var j = random.Next(20); j > 0; j--)
            {
                path.Append(random.Next(3) switch
                {
                    0 => (char)random.Next('!', '~'),
                    1 => string.Create(CultureInfo.InvariantCulture, $"%{random.Next(256):X2}"),
                    _ => "/../%2e",
                });
            }

            var value = Encoding.Latin1.GetString([.. Enumerable.Range(0, random.Next(30)).Select(_ => (byte)random.Next(0x20, 0x100))]);
            await using var request = await RawRequest.ConnectAsync(_host.Address);
            await request.SendHeadAsync($"POST {path} HTTP/1.1", "Content-Length: 0", $"{names[i % names.Length]}: {value}");

            var response = await request.ReadAsync();

            Assert.True(response.Status is >= 200 and < 500, $"{path} {value}: {response}");
        }
    }

    private static byte[] Mutate(Random random, byte[] sample)
    {
        var bytes = sample.ToList();
        for (var i = random.Next(1, 4); i > 0; i--)
        {
            var at = random.Next(bytes.Count);
            switch (random.Next(4))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes.RemoveAt(at);
                    break;
                case 2:
                    bytes.Insert(at, (byte)"{}[]\",:\\u/*\n"[random.Next(12)]);
                    break;
                default:
                    bytes.RemoveRange(at, random.Next(bytes.Count - at));
                    bytes.Add((byte)'}');
                    break;
            }
        }

        return [.. bytes];
    }
}

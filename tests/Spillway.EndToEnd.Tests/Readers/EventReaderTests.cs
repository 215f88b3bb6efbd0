using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Spillway.EndToEnd.Tests.Readers;

public sealed class EventReaderTests : IAsyncLifetime
{
    private WebApplication _app = null!;

    private static CancellationToken Aborted => TestContext.Current.CancellationToken;

    private IEventReader Reader => _app.Services.GetRequiredService<IEventReader>();

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseTestedTransport();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSpillway(static options => options.Delivery.Loops = 1);
        _app = builder.Build();
        _app.MapSpillway("/hub");
        await _app.StartAsync(Aborted);
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task ReadAsync_EventsPublishedByHttp_AreReadAndFollowed()
    {
        using var client = new HttpClient { BaseAddress = new Uri(_app.Urls.First()) };
        await PostAsync(client, "/hub/topics/a", "1");
        await PostAsync(client, "/hub/topics/b", "other");
        await using var items = Reader.ReadAsync(new ReadOptions { Topics = ["a"], Follow = true }, Aborted).GetAsyncEnumerator(Aborted);

        Assert.Equal("1", await NextAsync(items));
        var next = NextAsync(items);
        await PostAsync(client, "/hub/topics/a", "2");
        Assert.Equal("2", await next);
        var end = items.MoveNextAsync();
        await PostAsync(client, "/hub/topics/a/end", "");

        Assert.False(await end);
    }

    [Fact]
    public async Task ReadAsync_FollowingWhenTheHostStops_Ends()
    {
        await using var items = Reader.ReadAsync(new ReadOptions { Patterns = ["**"], Follow = true }, Aborted).GetAsyncEnumerator(Aborted);
        var next = items.MoveNextAsync();

        await _app.StopAsync(Aborted);

        Assert.False(await next);
    }

    private static async Task PostAsync(HttpClient client, string path, string payload)
    {
        using var content = new StringContent(payload, Encoding.UTF8, "text/plain");
        content.Headers.ContentType = payload.Length == 0 ? null : content.Headers.ContentType;
        using var response = await client.PostAsync(new Uri(path, UriKind.Relative), content, Aborted);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    private static async Task<string> NextAsync(IAsyncEnumerator<ReadEvent> items)
    {
        Assert.True(await items.MoveNextAsync());
        return Encoding.UTF8.GetString(items.Current.Event!.Payload.Span);
    }
}

using System.Net.Http.Headers;

namespace Spillway.EndToEnd.Tests.Publishing;

public sealed class CommitQueryTests
{
    [Theory]
    [InlineData("/events", "", 200)]
    [InlineData("/events", "?commit=memory", 202)]
    [InlineData("/events", "?commit=written", 200)]
    [InlineData("/events", "?commit=synced", 200)]
    [InlineData("/topics/a", "?commit=memory", 202)]
    [InlineData("/topics/a", "?commit=synced", 200)]
    [InlineData("/topics/a/end", "?commit=memory", 202)]
    public async Task Post_Commit_SaysByTheStatusWhatIsPromised(string path, string query, int status)
    {
        await using var host = await PublishHost.StartAsync();
        using var body = path.EndsWith("/end", StringComparison.Ordinal) ? new ByteArrayContent([]) : new ByteArrayContent("""{"topic":"a"}"""u8.ToArray());
        body.Headers.ContentType = new MediaTypeHeaderValue("application/json");

        using var response = await host.Client.PostAsync(new Uri("/hub" + path + query, UriKind.Relative), body, TestContext.Current.CancellationToken);

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal(1, host.History.Head);
    }

    [Theory]
    [InlineData("?commit=fsync", "send memory, written or synced")]
    [InlineData("?commit=synced&commit=memory", "once")]
    [InlineData("?commit=memory", "History:WeakestCommit")]
    public async Task Post_BadCommit_IsAProblemThatSaysWhatToSend(string query, string remedy)
    {
        await using var host = await PublishHost.StartAsync(static options => options.History.WeakestCommit = CommitLevel.Written);
        foreach (var path in new[] { "/events", "/topics/a", "/topics/a/end" })
        {
            using var body = new ByteArrayContent([]);
            body.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            using var response = await host.Client.PostAsync(new Uri("/hub" + path + query, UriKind.Relative), body, TestContext.Current.CancellationToken);
            var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

            Assert.Equal((400, "application/problem+json"), ((int)response.StatusCode, response.Content.Headers.ContentType?.MediaType));
            Assert.Contains("\"field\":\"commit\"", text, StringComparison.Ordinal);
            Assert.Contains(remedy, text, StringComparison.Ordinal);
        }

        Assert.Equal(0, host.History.Head);
    }
}

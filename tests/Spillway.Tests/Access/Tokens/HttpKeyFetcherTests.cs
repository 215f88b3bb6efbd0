using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Spillway.Access.Tokens;

namespace Spillway.Tests.Access.Tokens;

public sealed class HttpKeyFetcherTests : IAsyncLifetime
{
    private const int Most = 1_000;

    private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private WebApplication? _issuer;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _issuer = builder.Build();
        _issuer.MapGet("/keys", static () => "{}");
        _issuer.MapGet("/most", static () => new string('x', Most));
        _issuer.MapGet("/more", static () => new string('x', Most + 1));
        _issuer.MapGet("/moved", static () => Results.Redirect("/keys"));
        _issuer.MapGet("/broken", static () => Results.StatusCode(503));
        _issuer.MapGet("/never", async (HttpContext context) =>
        {
            var gone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await using var told = context.RequestAborted.Register(gone.SetResult);
            _asked.SetResult();
            await gone.Task;
        });
        await _issuer.StartAsync(Cancellation);
    }

    public async ValueTask DisposeAsync() => await _issuer!.DisposeAsync();

    [Theory]
    [InlineData("/keys", "")]
    [InlineData("/most", "")]
    [InlineData("/more", "is longer than 1000 bytes")]
    [InlineData("/moved", "answers 302; only 200 counts, and no redirect is followed")]
    [InlineData("/broken", "answers 503; only 200 counts, and no redirect is followed")]
    public async Task FetchAsync_Answer_IsTakenOrSaysWhyNot(string path, string fault)
    {
        using var fetcher = Fetcher(path);

        var fetched = await fetcher.FetchAsync(Cancellation);

        Assert.Equal((fault, fault.Length == 0), (fetched.Fault, fetched.Content is not null));
    }

    [Fact]
    public async Task FetchAsync_NobodyListens_SaysSo()
    {
        using var fetcher = Fetcher("/keys");
        await _issuer!.StopAsync(Cancellation);

        Assert.StartsWith("cannot be read: ", (await fetcher.FetchAsync(Cancellation)).Fault, StringComparison.Ordinal);
    }

    [Fact]
    public async Task FetchAsync_Cancelled_Ends()
    {
        using var fetcher = Fetcher("/never");
        using var late = new CancellationTokenSource();
        var fetch = fetcher.FetchAsync(late.Token);
        await _asked.Task.WaitAsync(TimeSpan.FromSeconds(30), Cancellation);

        await late.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => fetch);
    }

    [Theory]
    [InlineData("https://issuer.example/keys", true)]
    [InlineData("http://127.0.0.1:8080/keys", true)]
    [InlineData("http://localhost/keys", true)]
    [InlineData("http://[::1]/keys", true)]
    [InlineData("http://issuer.example/keys", false)]
    [InlineData("http://127.0.0.1.issuer.example/keys", false)]
    [InlineData("https://ann:secret@issuer.example/keys", false)]
    [InlineData("file:///keys", false)]
    [InlineData("keys", false)]
    public void TryParse_Address_OnlyWhereNobodyIsOnTheWay(string text, bool taken) => Assert.Equal(taken, TrustedServer.TryParse(text, out _, out _));

    [Fact]
    public void Place_AddressWithQuery_LeavesItOut()
    {
        using var fetcher = new HttpKeyFetcher(new Uri("https://issuer.example/keys?code=secret"), Most, TimeSpan.FromSeconds(5));

        Assert.Equal("https://issuer.example/keys", fetcher.Place);
    }

    [Fact]
    public async Task FetchAsync_File_IsReadWithinItsBound()
    {
        var path = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(path, "{}", Cancellation);
            using var fetcher = new FileKeyFetcher(path, 2);

            Assert.Equal("{}", Encoding.UTF8.GetString((await fetcher.FetchAsync(Cancellation)).Content!));
            await File.AppendAllTextAsync(path, "x", Cancellation);
            Assert.Equal("is longer than 2 bytes", (await fetcher.FetchAsync(Cancellation)).Fault);
        }
        finally
        {
            File.Delete(path);
        }

        using var gone = new FileKeyFetcher(path, 2);
        Assert.StartsWith("cannot be read: ", (await gone.FetchAsync(Cancellation)).Fault, StringComparison.Ordinal);
    }

    private HttpKeyFetcher Fetcher(string path) => new(new Uri(_issuer!.Urls.Single() + path), Most, TimeSpan.FromSeconds(5));
}

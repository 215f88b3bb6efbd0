using System.Net;
using Spillway.Operations;

namespace Spillway.EndToEnd.Tests.Operations;

public sealed class HealthTests
{
    [Fact]
    public async Task Ready_StateChanges_IsToldAtOnce()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        await using var host = await OperationsHost.StartAsync(cancellationToken);
        using var http = new HttpClient { BaseAddress = host.Address };

        Assert.Equal((HttpStatusCode.OK, "{\"status\":\"ready\"}"), await AskAsync("/health/ready"));
        host.Readiness.Set(HubState.Stopping);
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "{\"status\":\"stopping\"}"), await AskAsync("/health/ready"));
        Assert.Equal((HttpStatusCode.OK, "{\"status\":\"live\"}"), await AskAsync("/health/live"));

        async Task<(HttpStatusCode Status, string Body)> AskAsync(string path)
        {
            using var response = await http.GetAsync(new Uri(path, UriKind.Relative), cancellationToken);
            return (response.StatusCode, await response.Content.ReadAsStringAsync(cancellationToken));
        }
    }

    [Theory]
    [InlineData("/health/live")]
    [InlineData("/health/ready")]
    [InlineData("/metrics")]
    [InlineData("/admin/topics")]
    [InlineData("/admin/status")]
    public async Task Operations_OtherMethod_IsAProblemThatNamesTheRightOnes(string path)
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        await using var host = await OperationsHost.StartAsync(cancellationToken);
        using var http = new HttpClient { BaseAddress = host.Address };

        using var response = await http.PostAsync(new Uri(path, UriKind.Relative), null, cancellationToken);

        Assert.Equal((HttpStatusCode.MethodNotAllowed, "GET, HEAD"), (response.StatusCode, string.Join(", ", response.Content.Headers.Allow)));
        Assert.Contains($"\"{path}\" does not take POST", (await response.Content.ReadAsStringAsync(cancellationToken)).Replace("\\\"", "\"", StringComparison.Ordinal), StringComparison.Ordinal);
    }
}

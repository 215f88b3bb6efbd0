using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Spillway.Ingress;

namespace Spillway.Tests.Ingress;

public sealed class TopicPathTests
{
    [Theory]
    [InlineData("/topics/a", "a", false)]
    [InlineData("/topics/a/b/c", "a/b/c", false)]
    [InlineData("/topics/a%2Fb", "a/b", false)]
    [InlineData("/topics/a%252Fb", "a%2Fb", false)] // Once.
    [InlineData("/topics/a%20b+c", "a b+c", false)]
    [InlineData("/topics/caf%C3%A9", "café", false)]
    [InlineData("/topics/https:%2F%2Fexample.com%2Fa%3Fb", "https://example.com/a?b", false)]
    [InlineData("/topics/https://example.com/a?b=c", "https://example.com/a", false)]
    [InlineData("/topics/a/../b", "a/../b", false)]
    [InlineData("/topics/a/end", "a", true)]
    [InlineData("/topics/a/end?x=/b", "a", true)]
    [InlineData("/topics/a/%65nd", "a", true)]
    [InlineData("/topics/a%2Fend", "a/end", false)]
    [InlineData("/topics/a/end/end", "a/end", true)]
    [InlineData("/topics/end", "end", false)]
    [InlineData("/topics//end", "", true)]
    [InlineData("/topics/a/", "a/", false)]
    [InlineData("/topics/a//b", "a//b", false)]
    [InlineData("/topics/", "", false)]
    [InlineData("/topics", "", false)]
    [InlineData("http://host/topics/a", "a", false)]
    [InlineData("/%74opics/a", "a", false)]
    public void TryRead_AnyTarget_IsTheRestOfItDecodedOnce(string target, string topic, bool isEnd)
    {
        Assert.True(TopicPath.TryRead(Request(target, "/topics/x", "topics/{**topic}"), out var path, out _));
        Assert.Equal(new TopicPath(topic, isEnd), path);
    }

    [Theory]
    [InlineData("/hub/push/topics/a/b", "/hub", "/push/topics/x", "push/topics/{**topic}", "a/b")]
    [InlineData("/topics/topics/topics/a", "/topics", "/topics/topics/x", "topics/topics/{**topic}", "a")]
    [InlineData("/h%C3%BCb/topics/a", "/hüb", "/topics/x", "topics/{**topic}", "a")]
    public void TryRead_BehindABase_PassesOverIt(string target, string pathBase, string path, string route, string topic)
    {
        Assert.True(TopicPath.TryRead(Request(target, path, route, pathBase), out var read, out _));
        Assert.Equal(topic, read.Topic);
    }

    [Theory]
    [InlineData("/topics/%")]
    [InlineData("/topics/a%2")]
    [InlineData("/topics/a%zz")]
    [InlineData("/topics/a%+1")]
    [InlineData("/topics/a%FF")]
    [InlineData("/topics/a%C3")]
    [InlineData("/topics/%ED%A0%80")] // A surrogate.
    [InlineData("/topics/%FF/end")]
    [InlineData("/x/../topics/a")]
    public void TryRead_BadEncodingOrAnotherPath_IsRefused(string target)
    {
        Assert.False(TopicPath.TryRead(Request(target, "/topics/x", "topics/{**topic}"), out _, out var problem));
        Assert.Equal((400, "invalid-topic", "topic"), (problem.Status, problem.Name, problem.Field));
    }

    private static DefaultHttpContext Request(string target, string path, string route, string pathBase = "")
    {
        var context = new DefaultHttpContext();
        context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget = target;
        context.Request.PathBase = pathBase;
        context.Request.Path = path;
        context.SetEndpoint(new RouteEndpoint(static _ => Task.CompletedTask, RoutePatternFactory.Parse(route), 0, null, null));
        return context;
    }
}

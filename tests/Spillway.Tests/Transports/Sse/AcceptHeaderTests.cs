using Microsoft.Extensions.Primitives;
using Spillway.Transports.Sse;

namespace Spillway.Tests.Transports.Sse;

public sealed class AcceptHeaderTests
{
    [Theory]
    [InlineData("", true)]
    [InlineData(" ", true)]
    [InlineData("text/event-stream", true)]
    [InlineData("Text/Event-Stream", true)]
    [InlineData("text/event-stream; charset=utf-8", true)]
    [InlineData("*/*", true)]
    [InlineData("text/*", true)]
    [InlineData("application/json, text/event-stream;q=0.1", true)]
    [InlineData("text/html, */*;q=0.8", true)]
    [InlineData("text/event-stream;q=0", false)]
    [InlineData("*/*;q=0", false)]
    [InlineData("text/event-stream;q=0, */*", false)]
    [InlineData("text/*;q=0, */*", false)]
    [InlineData("text/*;q=0, text/event-stream", true)]
    [InlineData("text/html", false)]
    [InlineData("application/json", false)]
    [InlineData("application/event-stream", false)]
    [InlineData("nonsense", false)]
    public void TakesEventStream_Header_GoesByTheMostSpecificRange(string header, bool expected)
    {
        Assert.Equal(expected, AcceptHeader.TakesEventStream(header));
    }

    [Fact]
    public void TakesEventStream_HeaderInSeveralLines_IsOneList()
    {
        Assert.True(AcceptHeader.TakesEventStream(new StringValues(["text/html", "text/event-stream"])));
        Assert.False(AcceptHeader.TakesEventStream(new StringValues(["*/*", "text/event-stream;q=0"])));
        Assert.True(AcceptHeader.TakesEventStream(StringValues.Empty));
    }
}

using Microsoft.Extensions.Primitives;
using Spillway.Transports;

namespace Spillway.Tests.Transports;

public sealed class AcceptHeaderTests
{
    [Theory]
    [InlineData("", 's')]
    [InlineData(" ", 's')]
    [InlineData("text/event-stream", 's')]
    [InlineData("Text/Event-Stream", 's')]
    [InlineData("text/event-stream; charset=utf-8", 's')]
    [InlineData("*/*", 's')]
    [InlineData("text/*", 's')]
    [InlineData("application/json;q=0.05, text/event-stream;q=0.1", 's')]
    [InlineData("application/json, text/event-stream", 's')]
    [InlineData("text/html, */*;q=0.8", 's')]
    [InlineData("application/*, text/event-stream", 's')]
    [InlineData("text/*;q=0, text/event-stream", 's')]
    [InlineData("application/json", 'p')]
    [InlineData("Application/JSON", 'p')]
    [InlineData("application/*", 'p')]
    [InlineData("application/json, text/plain, */*", 'p')]
    [InlineData("application/json, text/event-stream;q=0.1", 'p')]
    [InlineData("application/json, text/*", 'p')]
    [InlineData("text/event-stream;q=0, */*", 'p')]
    [InlineData("text/*;q=0, */*", 'p')]
    [InlineData("text/event-stream;q=0", '-')]
    [InlineData("*/*;q=0", '-')]
    [InlineData("application/json;q=0", '-')]
    [InlineData("text/html", '-')]
    [InlineData("application/event-stream", '-')]
    [InlineData("nonsense", '-')]
    public void Choose_Header_GoesByQualityOfTheMostSpecificRange(string header, char expected)
    {
        Assert.Equal(expected, Choose(header));
    }

    [Theory]
    [InlineData("", 'p', 's')]
    [InlineData("*/*", 'p', 's')]
    [InlineData("text/event-stream", '-', 's')]
    [InlineData("application/json", 'p', '-')]
    [InlineData("application/json, text/event-stream", 'p', 's')]
    [InlineData("text/*", '-', 's')]
    public void Choose_OneIsOff_TakesTheOtherOrNone(string header, char polls, char streams)
    {
        Assert.Equal((polls, streams), (Choose(header, streams: false), Choose(header, polls: false)));
    }

    [Fact]
    public void Choose_HeaderInSeveralLines_IsOneList()
    {
        Assert.Equal('s', Choose(new StringValues(["text/html", "text/event-stream"])));
        Assert.Equal('p', Choose(new StringValues(["*/*", "text/event-stream;q=0"])));
        Assert.Equal('s', Choose(StringValues.Empty));
    }

    private static char Choose(StringValues header, bool streams = true, bool polls = true) => AcceptHeader.Choose(header, streams, polls) switch
    {
        Transport.EventStream => 's',
        Transport.Polling => 'p',
        _ => '-',
    };
}

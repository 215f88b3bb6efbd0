using Spillway.Events;

namespace Spillway.Tests.Events;

public sealed class DurationTests
{
    [Theory]
    [InlineData("NaN")]
    [InlineData("NaNs")]
    [InlineData("Infinity")]
    [InlineData("-Infinity")]
    [InlineData("-Infinityms")]
    [InlineData("1e5")]
    [InlineData("-1")]
    [InlineData("9999999999999999d")]
    [InlineData("")]
    [InlineData("s")]
    [InlineData("1 s")]
    [InlineData("1,5")]
    public void TryParse_NoDuration_SaysSo(string text)
    {
        Assert.False(Duration.TryParse(text, out _));
    }

    [Theory]
    [InlineData("500ms", 500)]
    [InlineData("1.5h", 5_400_000)]
    [InlineData("2d", 172_800_000)]
    [InlineData("90", 90_000)]
    [InlineData("0", 0)]
    public void TryParse_Duration_IsRead(string text, long milliseconds)
    {
        Assert.True(Duration.TryParse(text, out var duration));
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), duration);
    }
}

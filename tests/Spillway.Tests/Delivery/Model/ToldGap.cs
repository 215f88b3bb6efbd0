using System.Text.Json;
using Spillway.Events;

namespace Spillway.Tests.Delivery.Model;

/// <summary>A gap as a subscriber was told it.</summary>
/// <param name="Published">Events published by then.</param>
/// <param name="Tail">The oldest slot in the window by then.</param>
/// <param name="Retained">The offset before the oldest event that history had by then.</param>
/// <param name="MaybeSlow">Whether it may have been slow: it had not been seen with everything since it was last held up.</param>
internal sealed record ToldGap(string Reason, long From, long To, long? Count, int Published, long Tail, long Retained, bool MaybeSlow)
{
    /// <summary>Whether an event lies in it. An ephemeral one lies behind the offset that it follows.</summary>
    public bool Covers(ModelEvent source) => source.Offset <= To && (source.IsRecorded ? source.Offset > From : source.Offset >= From);

    /// <summary>A gap from what a signal holds.</summary>
    public static ToldGap Read(string data, int published = 0, long tail = 0, long retained = 0, bool maybeSlow = false)
    {
        var json = JsonDocument.Parse(data).RootElement;
        Assert.True(Position.TryParse(json.GetProperty("from").GetString(), out var from));
        Assert.True(Position.TryParse(json.GetProperty("to").GetString(), out var to));
        long? count = json.TryGetProperty("count", out var number) ? number.GetInt64() : null;
        Assert.True(count != 0, "A gap of nothing was told.");
        Assert.Equal(count is not null, json.GetProperty("exact").GetBoolean());
        var gap = new ToldGap(json.GetProperty("reason").GetString()!, from.Offset, to.Offset, count, published, tail, retained, maybeSlow);
        Assert.True(gap.From <= gap.To, $"{gap} is none.");
        return gap;
    }
}

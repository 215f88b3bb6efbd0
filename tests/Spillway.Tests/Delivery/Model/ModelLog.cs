using System.Globalization;
using Spillway.TestKit;

namespace Spillway.Tests.Delivery.Model;

/// <summary>All that a script has published, in order.</summary>
internal sealed class ModelLog
{
    private readonly List<ModelEvent> _events = [];
    private readonly Dictionary<(long Offset, uint Ephemeral), ModelEvent> _byPosition = [];

    public IReadOnlyList<ModelEvent> Events => _events;

    public int Count => _events.Count;

    /// <summary>Bytes of all payloads.</summary>
    public long Bytes { get; private set; }

    public void Add(ModelEvent source)
    {
        _events.Add(source);
        _byPosition.Add((source.Offset, source.Ephemeral), source);
        Bytes += source.Source.Payload.Length;
    }

    /// <summary>The event that a subscriber got: its id names it, and its payload must be its own.</summary>
    public ModelEvent Identify(SseEvent item)
    {
        Assert.True(Spillway.Events.Position.TryParse(item.LastEventId, out var position));
        var dot = item.LastEventId.IndexOf('.');
        var key = (position.Offset, dot < 0 ? 0 : uint.Parse(item.LastEventId.AsSpan(dot + 1), CultureInfo.InvariantCulture));
        Assert.True(_byPosition.TryGetValue(key, out var source), $"An event came with an id of none: {item.LastEventId}.");
        Assert.Equal(source.Source.Payload.Length, item.Data.Length);
        if (item.Data.Length > 0)
        {
            Assert.Equal(source.Index, int.Parse(item.Data.AsSpan(0, item.Data.IndexOf(' ')), CultureInfo.InvariantCulture));
        }

        return source;
    }
}

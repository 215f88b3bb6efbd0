using Spillway.Backplane;

namespace Spillway.Tests.Backplane;

/// <summary>What a publisher sent, perhaps more than once, and the strongest promise it got.</summary>
internal sealed class PublishedBatch(string[] ids, string payload)
{
    /// <summary>Of its events, in order; each is unique.</summary>
    public IReadOnlyList<string> Ids { get; } = ids;

    /// <summary>The strongest level at which it was acknowledged; null: at none.</summary>
    public CommitLevel? Acknowledged { get; set; }

    /// <summary>Makes what is sent: every time the same events.</summary>
    public EventBatch ToBatch(CommitLevel commit) =>
        Batches.Of([.. Ids.Select(id => Batches.Event("t/" + id[^1], id + payload, id))]) with { Commit = commit };
}

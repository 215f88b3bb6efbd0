using System.Runtime.CompilerServices;
using Spillway.Events;
using Spillway.History;

namespace Spillway.Hub;

/// <summary>Reads history for the host, page by page, and waits for more where it follows.</summary>
internal sealed class EventReader(IHistory history, PublishSignal published, TimeProvider clock, CursorCodec? cursors = null) : IEventReader
{
    private const int PageBytes = 64 * 1024;

    private readonly CursorCodec _cursors = cursors ?? CursorCodec.Plain;

    public IAsyncEnumerable<ReadEvent> ReadAsync(ReadOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        return ReadAsync(SelectorsOf(options), options.Start, options.Follow, cancellationToken);
    }

    private static SelectorSet SelectorsOf(ReadOptions options)
    {
        foreach (var topic in options.Topics)
        {
            if (!Topic.TryValidate(topic, out var fault))
            {
                throw new ArgumentException($"The topic \"{topic}\" {fault}.", nameof(options));
            }
        }

        var patterns = new List<TopicPattern>(options.Patterns.Count);
        foreach (var text in options.Patterns)
        {
            patterns.Add(TopicPattern.TryParse(text, out var pattern, out var fault)
                ? pattern!
                : throw new ArgumentException($"The pattern \"{text}\" {fault}.", nameof(options)));
        }

        return options.Topics.Count + patterns.Count > 0
            ? new SelectorSet(options.Topics, patterns)
            : throw new ArgumentException("The options name neither a topic nor a pattern; name at least one, \"**\" for all.", nameof(options));
    }

    private async IAsyncEnumerable<ReadEvent> ReadAsync(
        SelectorSet selectors, ReadStart start, bool follow, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var items = new HistoryItems(history.Epoch, _cursors);
        var after = FindStart(selectors, start, out var isLost);
        if (isLost)
        {
            yield return items.Lost(start.Cursor, after, Now);
        }

        while (true)
        {
            // In this order: what is published behind the head that is read below completes this wait.
            var more = follow ? published.NextAsync() : Task.CompletedTask;
            var isLast = !follow || published.IsStopped || HaveEnded(selectors);
            for (var head = history.Head; after < head;)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var page = history.Read(selectors, after, head, PageBytes);
                items.Begin(page, Now);
                while (items.Next() is { } item)
                {
                    yield return item;
                    cancellationToken.ThrowIfCancellationRequested();
                }

                after = page.To;
            }

            if (isLast)
            {
                yield break;
            }

            await more.WaitAsync(cancellationToken);
        }
    }

    private long Now => clock.GetUtcNow().ToUnixTimeMilliseconds();

    private long FindStart(SelectorSet selectors, ReadStart start, out bool isLost)
    {
        isLost = false;
        switch (start.Kind)
        {
            case StartKind.Now:
                return history.Head;
            case StartKind.Cursor:
                isLost = !history.TryFind(_cursors.ReadTrusted(start.Cursor), out var offset);
                return offset;
            case StartKind.Since:
                return history.FindSince(start.Time);
            case StartKind.Last:
                return history.FindLast(selectors, start.Count);
            default:
                return history.Tail;
        }
    }

    /// <summary>Whether nothing more can be published: there are only topics, and all have ended. The head read afterwards covers the ends.</summary>
    private bool HaveEnded(SelectorSet selectors)
    {
        if (selectors.Patterns.Count > 0)
        {
            return false;
        }

        foreach (var topic in selectors.Topics)
        {
            if (!history.IsEnded(topic))
            {
                return false;
            }
        }

        history.Trim(Now); // It waits for the append that ended the last of them: an end is known a moment before the head covers it.
        return true;
    }
}

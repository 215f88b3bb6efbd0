using System.Diagnostics.CodeAnalysis;
using Spillway.Events;

namespace Spillway.Hub;

/// <summary>The subscribed patterns by their segments. Under the dispatcher's lock.</summary>
internal sealed class PatternTrie
{
    /// <summary>Links of patterns that an event may have; beyond, the overflow strand stands for the rest.</summary>
    public const int MaxMatches = 32;

    /// <summary>Nodes that one match may look at. Patterns made to branch reach it; their topics go to the overflow strand.</summary>
    public const int MaxSteps = 512;

    private readonly Node _root = new();
    private int _steps;

    public void Add(TopicPattern pattern, IndexedMatcher matcher)
    {
        var node = _root;
        for (var i = 0; i < pattern.SegmentCount; i++)
        {
            node = node.GetOrAdd(pattern.Segment(i));
        }

        if (pattern.OpenEnded)
        {
            node.Open = matcher;
        }
        else
        {
            node.Exact = matcher;
        }
    }

    public void Remove(TopicPattern pattern)
    {
        var node = _root;
        for (var i = 0; i < pattern.SegmentCount; i++)
        {
            node = node.GetOrAdd(pattern.Segment(i)); // It is there.
        }

        if (pattern.OpenEnded)
        {
            node.Open = null;
        }
        else
        {
            node.Exact = null;
        }

        node.Prune();
    }

    /// <summary>Adds the patterns that match a topic. False if a bound was reached.</summary>
    public bool Match(ReadOnlySpan<byte> topic, List<IndexedMatcher> found)
    {
        _steps = 0;
        return Walk(_root, topic, ended: false, found);
    }

    private bool Walk(Node node, ReadOnlySpan<byte> rest, bool ended, List<IndexedMatcher> found)
    {
        if (++_steps > MaxSteps || !TryAdd(node.Open, found))
        {
            return false;
        }

        if (ended)
        {
            return TryAdd(node.Exact, found);
        }

        var slash = rest.IndexOf((byte)'/');
        var segment = slash < 0 ? rest : rest[..slash];
        var next = slash < 0 ? default : rest[(slash + 1)..];
        return (!node.TryGetLiteral(segment, out var literal) || Walk(literal, next, slash < 0, found))
            && (node.Star is null || segment.IsEmpty || Walk(node.Star, next, slash < 0, found));
    }

    private static bool TryAdd(IndexedMatcher? matcher, List<IndexedMatcher> found)
    {
        if (matcher is null)
        {
            return true;
        }

        if (found.Count == MaxMatches)
        {
            return false;
        }

        found.Add(matcher);
        return true;
    }

    private sealed class Node
    {
        private Dictionary<byte[], Node>? _literals;
        private Node? _parent;
        private byte[] _segment = [];

        public Node? Star { get; private set; }

        public IndexedMatcher? Exact { get; set; }

        public IndexedMatcher? Open { get; set; }

        public bool TryGetLiteral(ReadOnlySpan<byte> segment, [MaybeNullWhen(false)] out Node node)
        {
            node = null;
            return _literals is not null && _literals.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(segment, out node);
        }

        public Node GetOrAdd(byte[] segment)
        {
            if (segment.AsSpan().SequenceEqual("*"u8))
            {
                return Star ??= new Node { _parent = this, _segment = segment };
            }

            _literals ??= new Dictionary<byte[], Node>(Utf8Comparer.Instance);
            if (!_literals.TryGetValue(segment, out var node))
            {
                node = new Node { _parent = this, _segment = segment };
                _literals.Add(segment, node);
            }

            return node;
        }

        /// <summary>Takes empty nodes out, up to the first that is needed.</summary>
        public void Prune()
        {
            for (var node = this; node._parent is { } parent && node.IsEmpty; node = parent)
            {
                if (ReferenceEquals(parent.Star, node))
                {
                    parent.Star = null;
                }
                else
                {
                    parent._literals!.Remove(node._segment);
                }
            }
        }

        private bool IsEmpty => Exact is null && Open is null && Star is null && (_literals is null || _literals.Count == 0);
    }
}

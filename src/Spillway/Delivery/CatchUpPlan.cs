using Spillway.Events;

namespace Spillway.Delivery;

/// <summary>
/// What a slow connection gives up until it has caught up, class by class. A few numbers for each rule that gave something up: no plan grows with a backlog.
/// </summary>
/// <remarks>The loop's. A page's reader looks at it too, but only while the connection is in replay, when nothing changes it.</remarks>
/// <param name="latest">Whether the subscriber asked for the newest values whatever the rules say.</param>
internal sealed class CatchUpPlan(bool latest)
{
    private PlannedClass[] _classes = [];
    private int _count;
    private long _replayUpTo = -1;
    private long _toldInReplay = -1;

    /// <summary>The head at which the backlog is judged again.</summary>
    public long JudgeAt { get; set; }

    /// <summary>Whether it says anything.</summary>
    public bool IsEmpty => _count == 0 && _replayUpTo < 0;

    /// <summary>The newest slot that it gives up.</summary>
    public long Newest { get; private set; }

    /// <summary>The newest offset up to which anything was told to be given up.</summary>
    public long ToldUpToOffset { get; private set; } = -1;

    /// <summary>The class of a rule's events, those of low priority apart.</summary>
    public static int ClassOf(int rule, EventFlags flags) =>
        (rule * 2) + (SlotHeader.PriorityOf(flags) == EventPriority.Low ? 1 : 0);

    public OverflowPolicy PolicyOf(TopicRule rule) => latest ? OverflowPolicy.Latest : rule.EffectiveOverflow;

    /// <summary>What becomes of an event in the window.</summary>
    public Fate Of(long slot, in SlotHeader header)
    {
        var found = header.IsKept ? -1 : Find(ClassOf(header.Rule, header.Flags));
        if (found < 0)
        {
            return Fate.Sent;
        }

        ref var planned = ref _classes[found];
        return slot <= planned.UpTo ? Fate.Told
            : slot > planned.KeptUpTo ? Fate.Waiting
            : planned.PassUpTo == 0 ? Fate.Sent
            : slot > planned.PassUpTo ? Fate.Waiting
            : header.IsSuperseded(slot, planned.PassUpTo) ? Fate.Superseded
            : Fate.Sent;
    }

    /// <summary>What becomes of a recorded event that the connection passes in replay.</summary>
    public Fate OfRecorded(long offset, TopicRule rule, int index, EventFlags flags)
    {
        if (SlotHeader.MustKeep(flags))
        {
            return Fate.Sent;
        }

        var found = index < 0 ? -1 : Find(ClassOf(index, flags));
        if (found >= 0 && offset <= _classes[found].UpToOffset)
        {
            return offset <= Math.Max(_classes[found].ToldUpToOffset, _toldInReplay) ? Fate.Told : Fate.Untold; // It may have left the window before it could be told.
        }

        if (offset > _replayUpTo)
        {
            return Fate.Sent; // Still in the window when it left: judged there again.
        }

        return PolicyOf(rule) switch
        {
            OverflowPolicy.DropNewest when found >= 0 && offset <= _classes[found].KeptUpToOffset => Fate.Sent,
            OverflowPolicy.DropOldest or OverflowPolicy.DropNewest => offset <= _toldInReplay ? Fate.Told : Fate.Untold,
            OverflowPolicy.Latest => Fate.Superseded,
            OverflowPolicy.Disconnect => Fate.Refused,
            _ => Fate.Sent,
        };
    }

    /// <summary>The connection leaves the window: what is not there any more, up to an offset, is past every rule's window.</summary>
    public void LeaveWindow(long upTo) => _replayUpTo = upTo;

    /// <summary>It is back in the window.</summary>
    public void EnterWindow() => _replayUpTo = -1;

    /// <summary>It was told what a page gives up.</summary>
    public void TellInReplay(long upTo) => (_toldInReplay, ToldUpToOffset) = (upTo, Math.Max(ToldUpToOffset, upTo));

    /// <summary>Gives a class up to a slot.</summary>
    public void GiveUp(int @class, long slot, long offset)
    {
        ref var planned = ref FindOrAdd(@class);
        planned.UpTo = Math.Max(planned.UpTo, slot);
        planned.UpToOffset = Math.Max(planned.UpToOffset, offset);
        Newest = Math.Max(Newest, slot);
    }

    /// <summary>Keeps a class up to a slot; what follows waits.</summary>
    public void KeepUpTo(int @class, long slot, long offset)
    {
        ref var planned = ref FindOrAdd(@class);
        (planned.KeptUpTo, planned.KeptUpToOffset) = (slot, offset);
    }

    /// <summary>
    /// Lets the newest event of each topic and key up to a slot stand for those before it. A pass that is under way goes on to its own end, unless it is <paramref name="late"/>:
    /// if newer events always took the place of what it has not sent yet, it would never come to the keys that change most.
    /// </summary>
    public void BeginPass(int @class, long slot, bool late)
    {
        ref var planned = ref FindOrAdd(@class);
        planned.PassUpTo = planned.PassUpTo == 0 || late ? slot : planned.PassUpTo;
    }

    /// <summary>Whether the connection has passed all of some pass: what waits behind it has to be judged.</summary>
    public bool IsPassOver(long slot)
    {
        for (var i = 0; i < _count; i++)
        {
            if (_classes[i].PassUpTo > 0 && _classes[i].PassUpTo <= slot)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Ends the passes that end before a slot.</summary>
    public void EndPasses(long before)
    {
        for (var i = 0; i < _count; i++)
        {
            _classes[i].PassUpTo = _classes[i].PassUpTo < before ? 0 : _classes[i].PassUpTo;
        }
    }

    /// <summary>Gives up what waited for the connection to come as far as it has, unless its rule has another policy now. True if anything did.</summary>
    public bool EndWaiting(long slot, long head, long headOffset, TopicRules rules)
    {
        var any = false;
        for (var i = 0; i < _count; i++)
        {
            ref var planned = ref _classes[i];
            if (planned.KeptUpTo <= slot)
            {
                (planned.KeptUpTo, planned.KeptUpToOffset) = (long.MaxValue, 0);
                (any, JudgeAt) = (true, 0); // Until that is told.
                if (PolicyOf(rules[planned.Class / 2]) == OverflowPolicy.DropNewest)
                {
                    GiveUp(planned.Class, head, headOffset);
                }
            }
        }

        return any;
    }

    /// <summary>Whether the connection was told of a slot that the plan gives up.</summary>
    public bool HasTold(int @class, long slot) => Find(@class) is var found and >= 0 && slot <= _classes[found].ToldUpTo;

    /// <summary>All that is given up is told.</summary>
    public void Tell()
    {
        for (var i = 0; i < _count; i++)
        {
            (_classes[i].ToldUpTo, _classes[i].ToldUpToOffset) = (_classes[i].UpTo, _classes[i].UpToOffset);
            ToldUpToOffset = Math.Max(ToldUpToOffset, _classes[i].UpToOffset);
        }
    }

    private int Find(int @class)
    {
        for (var i = 0; i < _count; i++)
        {
            if (_classes[i].Class == @class)
            {
                return i;
            }
        }

        return -1;
    }

    private ref PlannedClass FindOrAdd(int @class)
    {
        var found = Find(@class);
        if (found < 0)
        {
            if (_count == _classes.Length)
            {
                Array.Resize(ref _classes, Math.Max(1, _count * 2));
            }

            found = _count++;
            _classes[found] = new PlannedClass { Class = @class, KeptUpTo = long.MaxValue };
        }

        return ref _classes[found];
    }
}

namespace Spillway.Delivery;

/// <summary>What a slow connection gives up of one class of events: those of one rule, apart from them those of low priority.</summary>
internal struct PlannedClass
{
    public int Class;

    /// <summary>Given up: all up to this slot.</summary>
    public long UpTo;

    /// <summary>The same as an offset.</summary>
    public long UpToOffset;

    /// <summary>The part of <see cref="UpTo"/> that the connection was told of.</summary>
    public long ToldUpTo;

    /// <summary>The same as an offset.</summary>
    public long ToldUpToOffset;

    /// <summary>Kept: all up to this slot; what follows waits for them to be written.</summary>
    public long KeptUpTo;

    /// <summary>The same as an offset.</summary>
    public long KeptUpToOffset;

    /// <summary>The end of a pass: up to this slot the newest event of each key is sent, all others are skipped; what follows waits for the next pass. 0: there is none.</summary>
    public long PassUpTo;

    public readonly bool Waits => KeptUpTo < long.MaxValue;
}

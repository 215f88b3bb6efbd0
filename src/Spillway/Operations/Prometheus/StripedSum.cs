using System.Runtime.InteropServices;

namespace Spillway.Operations.Prometheus;

/// <summary>A sum that many threads add to without sharing a cache line; reading it costs more than adding.</summary>
internal sealed class StripedSum
{
    private readonly Cell[] _cells = new Cell[StripeCount];

    /// <summary>As many stripes as cores, rounded up to a power of two; above 16 the memory of a series costs more than a shared line.</summary>
    public static int StripeCount { get; } = (int)Math.Min(16, System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Environment.ProcessorCount));

    /// <summary>The stripe of the running thread. It may be moved to another core at once: that costs time, never a count.</summary>
    public static int Stripe => Thread.GetCurrentProcessorId() & (StripeCount - 1);

    /// <summary>The sum as of now; additions that run meanwhile may or may not be in it.</summary>
    public double Value
    {
        get
        {
            var whole = 0L;
            var fraction = 0d;
            foreach (ref var cell in _cells.AsSpan())
            {
                whole += Volatile.Read(ref cell.Whole);
                fraction += Volatile.Read(ref cell.Fraction);
            }

            return whole + fraction;
        }
    }

    public void Add(long value) => Interlocked.Add(ref _cells[Stripe].Whole, value);

    public void Add(double value)
    {
        ref var fraction = ref _cells[Stripe].Fraction;
        var seen = Volatile.Read(ref fraction);
        while (true)
        {
            var before = Interlocked.CompareExchange(ref fraction, seen + value, seen);
            if (before.Equals(seen)) // Equals, because NaN == NaN is false and would spin for ever.
            {
                return;
            }

            seen = before;
        }
    }

    [StructLayout(LayoutKind.Explicit, Size = 128)] // Two cache lines: the prefetcher fetches them in pairs.
    private struct Cell
    {
        [FieldOffset(0)]
        public long Whole; // Whole numbers have a cell of their own, so that counting is one instruction.

        [FieldOffset(8)]
        public double Fraction;
    }
}

namespace Spillway.Delivery;

/// <summary>On what terms a connection may stay. A loop asks it nothing but these, and knows not who set them.</summary>
internal abstract class Lease
{
    /// <summary>From when on the connection may not stay; null: for as long as it likes.</summary>
    public abstract DateTimeOffset? Expires { get; }

    /// <summary>Whether it was taken back. Asked by loops: it takes no lock and reads no file.</summary>
    public abstract bool IsRevoked { get; }

    /// <summary>A loop has the connection from now on. On its thread: it takes no lock and waits for nothing.</summary>
    public virtual void Begun()
    {
        // Most do not care.
    }

    /// <summary>That connection has ended. On the same thread; never without <see cref="Begun"/>.</summary>
    public virtual void Ended()
    {
        // Likewise.
    }
}

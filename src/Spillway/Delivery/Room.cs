namespace Spillway.Delivery;

/// <summary>What a poll's answer still has room for. One event always goes in, however large, or the poll would never get past it.</summary>
/// <param name="Events">How many events.</param>
/// <param name="Bytes">How many bytes of them.</param>
/// <param name="IsWhole">Whether none is in it.</param>
internal readonly record struct Room(int Events, int Bytes, bool IsWhole = true)
{
    /// <summary>Whether an event goes in behind others that are about to.</summary>
    public bool Has(int events, int bytes, int next) => events < Events && (next <= Bytes - bytes || (IsWhole && events == 0));

    public Room Without(int events, int bytes) => events == 0 ? this : new Room(Events - events, Math.Max(0, Bytes - bytes), IsWhole: false);
}

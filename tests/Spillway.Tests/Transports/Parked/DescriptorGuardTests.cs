using Spillway.Transports.Parked;
using Spillway.Transports.Parked.Native;

namespace Spillway.Tests.Transports.Parked;

public sealed class DescriptorGuardTests
{
    [Fact]
    public void IsFull_NumberOfTheReserve_IsTrue()
    {
        var guard = new DescriptorGuard(new NativeCalls(), 1_000, 100);

        Assert.Equal((false, true, true), (guard.IsFull(899), guard.IsFull(900), guard.IsFull(5_000)));
    }

    [Fact]
    public void Limit_LargerThanTheSystems_IsTheSystems() => Assert.Equal(Descriptors.Limit - 16, new DescriptorGuard(new NativeCalls(), long.MaxValue, 16).StopAt);

    [Fact]
    public void Reserve_NothingIsLeft_SaysWhatToDo()
    {
        var fault = Assert.Throws<InvalidOperationException>(static () => new DescriptorGuard(new NativeCalls(), 100, 100));

        Assert.Contains("DescriptorReserve is 100, but the process may have only 100", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void HasRoom_BelowTheReserve_IsTrueAndClosesWhatItTried()
    {
        using var set = new EpollSet();

        Assert.True(new DescriptorGuard(new NativeCalls(), 0, 64).HasRoom(set));
        Assert.False(new DescriptorGuard(new NativeCalls(), 17, 16).HasRoom(set)); // Stops at descriptor 1: always in use.
    }

    [Fact]
    public void TryCopy_DescriptorIsNone_IsFalse() => Assert.False(Descriptors.TryCopy(int.MaxValue, out _));

    [Fact]
    public void TryCopy_Copy_IsNotForProcessesThatAreStarted()
    {
        using var pair = new SocketPair();
        Assert.True(Descriptors.TryCopy(pair.Descriptor, out var copy));

        var flags = File.ReadLines(FormattableString.Invariant($"/proc/self/fdinfo/{copy}")).Single(static line => line.StartsWith("flags:", StringComparison.Ordinal));
        NativeSocket.Close(copy);

        Assert.NotEqual(0, Convert.ToInt32(flags["flags:".Length..].Trim(), 8) & 0x80000); // O_CLOEXEC
    }
}

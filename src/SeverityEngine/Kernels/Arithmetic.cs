namespace SeverityEngine.Kernels;

/// <summary>The arithmetic of the engine's own operators, by vectors of one width.</summary>
/// <param name="lanes">Floats in a vector.</param>
abstract class Arithmetic(int lanes)
{
    /// <summary>Channels that are computed at once; those that are read are a multiple of it.</summary>
    public int Lanes => lanes;

    /// <summary>Columns of a panel of weights, two vectors; channels that are made are a multiple of it.</summary>
    public int Columns => 2 * lanes;

    /// <summary>Multiplies matrices.</summary>
    public abstract void Multiply(in ProductPart part);

    /// <summary>Computes one part of a 3 x 3 convolution.</summary>
    public abstract void Convolve(in WinogradPart part);

    /// <summary>Computes one part of a 1 x 1 convolution between normalization and ReLU.</summary>
    public abstract void Convolve(in BottleneckPart part);
}

/// <summary>What this program was compiled for itself.</summary>
sealed class Arithmetic<TVector, TLanes> : Arithmetic
    where TVector : struct
    where TLanes : ILanes<TVector>
{
    public static readonly Arithmetic<TVector, TLanes> Instance = new();

    Arithmetic() : base(TLanes.Count)
    {
    }

    public override void Multiply(in ProductPart part) => TileProduct<TVector, TLanes>.MultiplyAll(part);

    public override void Convolve(in WinogradPart part) => WinogradArithmetic<TVector, TLanes>.Run(part);

    public override void Convolve(in BottleneckPart part) => BottleneckArithmetic<TVector, TLanes>.Run(part);
}

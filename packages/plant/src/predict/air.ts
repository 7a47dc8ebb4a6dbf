/** Heat that warms a cubic metre of air by a kelvin at 20 °C: 1.2 kg/m³ × 1006 J/(kg K). */
export const airHeatJPerM3K = 1207;

/** How much the air warms that carries this heat away: dT = P / (ρ c_p V). */
export const airRiseK = (powerW: number, airflowM3s: number): number =>
  airflowM3s > 0 ? powerW / (airHeatJPerM3K * airflowM3s) : 0;
